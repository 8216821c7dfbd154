"""A report in which the test that must fail did not is nobody's evidence."""

import pytest

from avr.ecosystems.pypi import canary
from avr.model.evidence import TestStatus

NAME = "avr_canary_1"


@pytest.mark.parametrize("status", [TestStatus.FAILED, TestStatus.ERROR])
def test_a_red_canary_is_taken_out(status: TestStatus) -> None:
    """An error in somebody's fixture for all tests is red enough."""
    results = {"m::a": TestStatus.PASSED, "m::b": TestStatus.FAILED, f"::{NAME}": status}
    assert canary.without(results, NAME) == ({"m::a": TestStatus.PASSED, "m::b": TestStatus.FAILED}, "")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {f"::{NAME}": TestStatus.PASSED},
        {f"::{NAME}": TestStatus.SKIPPED},
        {f"::{NAME}": TestStatus.FAILED, f"x::{NAME}": TestStatus.PASSED},
        {"::avr_canary_2": TestStatus.FAILED},
    ],
)
def test_where_it_is_missing_or_green_no_result_counts(more: dict[str, TestStatus]) -> None:
    """Somebody made everything pass, or wrote the report."""
    assert canary.without({"m::a": TestStatus.PASSED, **more}, NAME) == ({}, canary.TAMPERED)


def test_without_a_passed_test_nothing_is_claimed() -> None:
    """Files that could not be collected leave errors alone, and no test of ours."""
    assert canary.without({"::m": TestStatus.ERROR}, NAME) == ({"::m": TestStatus.ERROR}, "")


def test_names_are_new_each_time() -> None:
    """So that none can be known beforehand."""
    assert canary.new_name() != canary.new_name()
