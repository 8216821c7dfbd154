"""Calls compared where the tests make them."""

import json

import pytest

from avr.ecosystems.pypi.behaviour import inplace
from avr.ecosystems.pypi.behaviour.inplace import Key, Seen
from avr.ecosystems.pypi.behaviour.reading import Json

KEY: Key = ("tests.test_x::test_a", "thing.Cutter.run", 1)
GIVEN: Json = [["value", "builtins.str", "'a'"]]
ONE = Seen(given=GIVEN, outcome={"r": ["value", "builtins.int", "1"]}, path="thing.py")
TWO = Seen(given=GIVEN, outcome={"r": ["value", "builtins.int", "2"]}, path="thing.py")
OTHER = Seen(given=[["value", "builtins.str", "'b'"]], outcome=ONE.outcome, path="thing.py")


def test_a_call_that_ends_as_before_counts() -> None:
    """All runs of both sides agree."""
    found = inplace.compared([{KEY: ONE}] * 2, [{KEY: ONE}] * 2)
    assert ((), {}, 1, 1) == (found.changed, found.reasons, found.watched[0].recorded, found.watched[0].returned)


def test_a_call_that_ends_otherwise_is_told_with_its_test() -> None:
    """Function, both ends, and who made it."""
    (found,) = inplace.compared([{KEY: ONE}] * 2, [{KEY: TWO}] * 2).changed
    assert ("thing.Cutter.run", "gives 1", "gives 2", (KEY[0],), True) == (
        found.function,
        found.before,
        found.after,
        found.tests,
        found.public,
    )


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([ONE, TWO], [ONE, ONE], "does not repeat"),
        ([ONE, ONE], [ONE, TWO], "does not repeat"),
        ([ONE, ONE], [OTHER, OTHER], "made otherwise on the patched side"),
        ([ONE, ONE], [None, None], "made otherwise on the patched side"),
        ([ONE, ONE], [ONE, None], "does not repeat"),
    ],
)
def test_what_is_not_the_same_call_is_set_aside(before: list[Seen], after: list[Seen | None], why: str) -> None:
    """Other arguments, no such call, runs that disagree."""
    found = inplace.compared([{KEY: each} for each in before], [{KEY: each} if each else {} for each in after])
    assert ((), {why: 1}, 0) == (found.changed, found.reasons, found.watched[0].recorded)


@pytest.mark.parametrize(
    "told",
    [
        "tests/other.py::test_a (call)",
        "--pdb::test_a (call)",
        "tests/test_x.py::-k (call)",
        "tests/test_x.py (call)",
        "tests/test_x.py::a b::c (call)",
        7,
    ],
)
def test_only_known_tests_are_named_to_pytest(told: Json) -> None:
    """What a hostile suite writes does not become an option or a path."""
    assert () == inplace.node_ids(json.dumps({"hit": told}).encode(), ["tests/test_x.py"])


def test_tests_are_named_once() -> None:
    """Without their parameters, in the order in which they came."""
    told = [
        "tests/test_x.py::T::test_b[a::b (c)] (call)",
        "tests/test_x.py::test_a (setup)",
        "tests/test_x.py::test_a (call)",
    ]
    data = b"\n".join(json.dumps({"hit": each}).encode() for each in told)
    assert ("tests/test_x.py::T::test_b", "tests/test_x.py::test_a") == inplace.node_ids(data, ["tests/test_x.py"])


@pytest.mark.parametrize(
    "change", [{"f": ["os; x"]}, {"i": "1"}, {"o": {}}, {"o": {"r": 1, "e": 2}}, {"r": "/etc/passwd"}, {"a": 1}]
)
def test_what_no_witness_writes_is_passed_over(change: dict[str, Json]) -> None:
    """Types and files are checked."""
    line: dict[str, Json] = {
        "f": ["thing", "cut"],
        "t": "tests/test_x.py::test_a (call)",
        "i": 1,
        "a": [],
        "r": "/t/x.py",
    }
    whole = {**line, "o": {"r": 1}}
    assert 1 == len(inplace.read(json.dumps(whole).encode(), {"/t/x.py": "x.py"}))
    assert {} == inplace.read(json.dumps({**whole, **change}).encode(), {"/t/x.py": "x.py"})
