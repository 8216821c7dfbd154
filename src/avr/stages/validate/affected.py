"""What exploits and the fix's own tests show of a release that nobody has patched. Pure."""

from collections.abc import Collection, Sequence

from avr.model.affected import Shown
from avr.model.evidence import Evidence, Verdict
from avr.stages.validate.security import SecurityTests


def judged(evidence: Sequence[Evidence]) -> tuple[Shown, str]:
    """The verdict of all exploits on one release, each with the evidence of gate G5 on the unpatched pin.

    One that fires is enough to be affected; not to be affected takes all of them, blocked in every run.
    """
    fired = next((each for each in evidence if each.verdict is Verdict.FAILED), None)
    if fired is not None:
        return Shown.AFFECTED, fired.summary
    if evidence and all(each.verdict is Verdict.PASSED for each in evidence):
        return Shown.UNAFFECTED, evidence[0].summary
    unclear = next((each for each in evidence if each.verdict is not Verdict.PASSED), None)
    if unclear is None:
        return Shown.UNDECIDED, "no exploit was run"
    problems = (run.problem for run in unclear.before if run.problem)
    return Shown.UNDECIDED, next(problems, unclear.summary)


def bites(tests: SecurityTests, *, patched: bool) -> bool:
    """Whether the fix's tests show a release to be affected: red as it is, green with the fix, and none left red."""
    return patched and bool(tests.turned_green) and not tests.still_red and not tests.turned_red


def judged_by_tests(tests: SecurityTests, biting: Collection[str], *, patched: bool) -> tuple[Shown, str]:
    """The verdict of the fix's tests on one release; `biting` are those that turned green on some release.

    A release is not affected where every test that bites elsewhere and exists here passes as it is. A red one that no
    patch turns green says nothing: it may lean on what this release does not have yet.
    """
    if bites(tests, patched=patched):
        count = len(tests.turned_green)
        return (
            Shown.AFFECTED,
            f"{count} of the fix's tests fail as it is and pass with the fix, as {tests.turned_green[0]}",
        )
    red = (*tests.still_red, *tests.turned_red, *tests.turned_green)
    if red:
        return Shown.UNDECIDED, f"a test of the fix fails here, with the fix or without a place for it: {red[0]}"
    passing = sorted(set(tests.green_before) & set(biting))
    if passing:
        return Shown.UNAFFECTED, f"{len(passing)} tests that show the hole in other releases pass here, as {passing[0]}"
    return Shown.UNDECIDED, "no test that shows the hole in another release passes or fails here"
