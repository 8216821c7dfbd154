"""What exploits show of a release that nobody has patched. Pure."""

from collections.abc import Sequence

from avr.model.affected import Shown
from avr.model.evidence import Evidence, Verdict


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
