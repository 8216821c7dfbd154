"""What repeated runs of the same tests say together. Pure."""

from collections.abc import Sequence

from avr.model.evidence import TestRun, TestStatus
from avr.model.identifiers import Digest

RED = frozenset({TestStatus.FAILED, TestStatus.ERROR})
SHOWN = 20
"""How many test names a fact lists; the runs themselves hold them all."""


def always_passed(runs: Sequence[TestRun]) -> set[str]:
    """Tests that passed in every run; none where there is no run."""
    passed = [{test for test, status in run.results.items() if status is TestStatus.PASSED} for run in runs]
    return set.intersection(*passed) if passed else set()


def always_red(runs: Sequence[TestRun]) -> set[str]:
    """Tests that failed in every run; none where there is no run."""
    red = [{test for test, status in run.results.items() if status in RED} for run in runs]
    return set.intersection(*red) if red else set()


def sometimes_red(runs: Sequence[TestRun]) -> set[str]:
    """Tests that failed in some run."""
    return {test for run in runs for test, status in run.results.items() if status in RED}


def logs(before: Sequence[TestRun], after: Sequence[TestRun]) -> dict[str, Digest]:
    """The logs of all runs by name."""
    named = [(f"before-{n}", run) for n, run in enumerate(before, 1)]
    named += [(f"after-{n}", run) for n, run in enumerate(after, 1)]
    return {name: run.log for name, run in named if run.log is not None}
