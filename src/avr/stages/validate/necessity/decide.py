"""What the removals and mutants show together: facts for the reader, never a level. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import Gate

_LONGEST = 120
"""Parameters of tests can be pages long."""


class Outcome(StrEnum):
    """How the security tests took to a tree with one thing changed."""

    NOTICED = "noticed"
    UNNOTICED = "no test notices"
    USED = "the rest of the fix uses it"
    """Without it a name is undefined: nothing can be learned from taking it away alone."""
    UNCLEAR = "unclear"
    NOT_RUN = "no time was left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One removal or one mutant: what it is, how it ended, and which test noticed or why nothing is known."""

    name: str
    outcome: Outcome
    by: str = ""
    foreign: bool = False
    """A hunk that upstream did not write: somebody has to need it."""


def examined(
    removals: Sequence[Tried], mutants: Sequence[Tried], left_out: int, whole: Tried | None, seconds: float
) -> Evidence:
    """The evidence of the gate from all trials; `whole` is the removal of everything, where no single one was noticed.

    It fails where the proof contradicts itself (without the whole patch the tests say that all is well), and where
    nobody is shown to notice the removal of a hunk that upstream did not write.
    """
    verdict, summary = _verdict(removals, mutants, whole)
    run = [each for each in mutants if each.outcome is not Outcome.NOT_RUN]
    return Evidence(
        gate=Gate.NECESSITY,
        verdict=verdict,
        summary=summary,
        facts={
            "hunks": [_said(each) for each in removals],
            "mutants_noticed": [f"{each.name}{_by(each)}" for each in run if each.outcome is Outcome.NOTICED],
            "mutants_survived": [each.name for each in run if each.outcome is Outcome.UNNOTICED],
            "mutants_unclear": [_said(each) for each in run if each.outcome is Outcome.UNCLEAR],
            "mutants_left_out": left_out + len(mutants) - len(run),
            "seconds": round(seconds, 1),
            **({"all hunks removed at once": _said(whole)} if whole else {}),
        },
        logs={},
    )


def one_sided(*, tests: bool, exploits: bool) -> Evidence:
    """The evidence on hunks that upstream did not write, where tests or exploits alone spoke for them.

    Tests are few, and everybody knows the texts that they send; an exploit knows some ways in. Neither is enough.
    """
    assert not (tests and exploits), "both spoke"
    missing = "exploit was blocked" if tests else "test of the fix turned green"
    return Evidence(
        gate=Gate.NECESSITY,
        verdict=Verdict.FAILED,
        summary=f"there are hunks that are not upstream's, and no {missing}: for these it takes both",
        facts={},
        logs={},
    )


def unfit(by: str, *, foreign: bool) -> Evidence:
    """The evidence where the patched tree itself does not pass a trial, so that no trial says anything.

    `foreign`: whether there are hunks that upstream did not write, which may not go untried.
    """
    return Evidence(
        gate=Gate.NECESSITY,
        verdict=Verdict.FAILED if foreign else Verdict.NO_EVIDENCE,
        summary=f"no trial says anything: the patched tree does not pass one, {by} is red",
        facts={},
        logs={},
    )


def _verdict(removals: Sequence[Tried], mutants: Sequence[Tried], whole: Tried | None) -> tuple[Verdict, str]:
    unnoticed = [each.name for each in removals if each.outcome is Outcome.UNNOTICED]
    open_ = [each for each in removals if each.outcome in {Outcome.UNCLEAR, Outcome.NOT_RUN}]
    bearing = sum(each.outcome is Outcome.NOTICED for each in removals)
    if whole is not None and whole.outcome is Outcome.UNNOTICED:
        return Verdict.FAILED, "the security tests do not notice when the whole patch is removed"
    foreign = [each for each in removals if each.foreign and each.outcome not in {Outcome.NOTICED, Outcome.USED}]
    if foreign:
        return Verdict.FAILED, f"{foreign[0].name} is not upstream's, and of its removal is known: {foreign[0].outcome}"
    if unnoticed:
        names = f"{' or '.join(unnoticed[:3])}{' or another' if len(unnoticed) > 3 else ''}"
        together = f"; of all hunks together: {whole.outcome}" if whole else ""
        return Verdict.NO_EVIDENCE, f"proof weak: no security test notices when {names} is removed{together}"
    if removals and all(each.outcome is Outcome.USED for each in removals):
        return Verdict.NO_EVIDENCE, f"the {len(removals)} hunks use one another: none can be removed alone"
    if open_ or not bearing:
        why = f": {open_[0].name}: {open_[0].by or open_[0].outcome}" if open_ else ""
        return Verdict.NO_EVIDENCE, f"not every removal could be tried{why}"
    return Verdict.PASSED, f"{_counted(bearing)}{_mutants(mutants)}"


def _counted(bearing: int) -> str:
    return "the only hunk is load-bearing" if bearing == 1 else f"all {bearing} hunks are load-bearing"


def _mutants(mutants: Sequence[Tried]) -> str:
    run = [each for each in mutants if each.outcome in {Outcome.NOTICED, Outcome.UNNOTICED}]
    noticed = sum(each.outcome is Outcome.NOTICED for each in run)
    return f"; {noticed} of {len(run)} mutants noticed" if run else ""


def _said(tried: Tried) -> str:
    word = "load-bearing" if tried.outcome is Outcome.NOTICED else tried.outcome.value
    return f"{tried.name}: {word}{_by(tried)}"


def _by(tried: Tried) -> str:
    line = " ".join(tried.by.split())
    return f" ({line[:_LONGEST]}{'...' if len(line) > _LONGEST else ''})" if line else ""
