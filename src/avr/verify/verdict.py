"""What a re-run proof shows of each advisory, and whether that is what was claimed. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from avr.errors import ExitCode
from avr.model.assurance import shown_closed
from avr.model.capsule import Expected
from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import AdvisoryId, Gate


class Result(StrEnum):
    """How a claim fared; `DISPROVED` is a check that speaks against the fix, not one that is missing."""

    PROVED = "proved"
    NOT_REPRODUCED = "not reproduced"
    DISPROVED = "disproved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One advisory: what was claimed, what was seen here, and the result with its reasons."""

    advisory: AdvisoryId
    result: Result
    claimed: tuple[str, ...]
    seen: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof that was run again; `warnings` say what it leans on."""

    capsule: str
    package: str
    version: str
    signed_by: str
    advisories: tuple[Judged, ...]
    evidence: tuple[Evidence, ...]
    facts: dict[str, str]
    warnings: tuple[str, ...]

    @property
    def result(self) -> Result:
        """The worst of all advisories; a capsule that claims nothing shows nothing."""
        results = {each.result for each in self.advisories}
        for worst in (Result.DISPROVED, Result.NOT_REPRODUCED):
            if worst in results:
                return worst
        return Result.PROVED if results else Result.NOT_REPRODUCED

    @property
    def exit_code(self) -> ExitCode:
        """0 where everything was proved, 1 where anything was not."""
        return ExitCode.OK if self.result is Result.PROVED else ExitCode.FINDINGS


def judge(expected: Expected, evidence: Sequence[Evidence]) -> Judged:
    """Compare what was seen with a claim: all that is claimed must be seen, and nothing may speak against it."""
    mine = [each for each in evidence if each.advisory == expected.advisory]
    claimed = (*expected.turned_green, *expected.blocked)
    seen = tuple(dict.fromkeys(_turned(mine)))
    against = tuple(each.summary for each in mine if each.verdict is Verdict.FAILED)
    absent = tuple(each for each in claimed if each not in seen)
    if against:
        result, reasons = Result.DISPROVED, against
    elif absent or not claimed or not shown_closed(mine, expected.advisory):
        summaries = tuple(each.summary for each in mine if each.verdict is not Verdict.PASSED)
        lacking = tuple(f"{each} did not turn from red to green here" for each in absent)
        result, reasons = Result.NOT_REPRODUCED, (*lacking, *summaries) or ("nothing is claimed",)
    else:
        result, reasons = Result.PROVED, tuple(each.summary for each in mine if each.verdict is Verdict.PASSED)
    return Judged(advisory=expected.advisory, result=result, claimed=claimed, seen=seen, reasons=reasons)


def _turned(evidence: Iterable[Evidence]) -> Iterable[str]:
    """Tests that turned green, and exploits that fired and are blocked."""
    for each in evidence:
        if each.gate is Gate.SECURITY_TEST:
            names = each.facts["turned_green"]
            yield from names if isinstance(names, list) else ()
        elif each.gate is Gate.EXPLOIT and each.verdict is Verdict.PASSED:
            yield str(each.facts["exploit"])
