"""A test of ours that must fail in every run of pytest: where it does not, the report was tampered with or cut short.

Tests and reporter share a process, so a suite can make pytest say that everything passed, or write a report itself. It
cannot easily do so and still report the failure of a test whose name is new in each run.
"""

import secrets
from collections.abc import Mapping

from avr.model.evidence import TestStatus

PLUGIN = "avr_canary"
VARIABLE = "AVR_CANARY"
TAMPERED = "tampered: tests are said to have passed, and the test of ours that must fail is missing or passed as well"
_RED = frozenset({TestStatus.FAILED, TestStatus.ERROR})


def new_name() -> str:
    """A name that no suite can know beforehand."""
    return f"avr_canary_{secrets.token_hex(8)}"


def without(results: Mapping[str, TestStatus], name: str) -> tuple[dict[str, TestStatus], str]:
    """The results of the suite alone, and what is wrong with them: empty, or `TAMPERED`, and then no result counts."""
    mine = {status for test, status in results.items() if _is(test, name)}
    others = {test: status for test, status in results.items() if not _is(test, name)}
    if TestStatus.PASSED in others.values() and not (mine and mine <= _RED):
        return {}, TAMPERED
    return others, ""


def _is(test: str, name: str) -> bool:
    return test.rpartition("::")[2].partition("#")[0] == name
