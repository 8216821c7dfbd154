"""What an executed check showed."""

from dataclasses import dataclass, field
from enum import StrEnum

from avr.model.identifiers import AdvisoryId, Digest, Gate


class Verdict(StrEnum):
    """How a check ended. `NO_EVIDENCE` is what remains when nothing could be executed: never a pass."""

    PASSED = "passed"
    FAILED = "failed"
    NO_EVIDENCE = "no_evidence"


class TestStatus(StrEnum):
    """How one test ended in one run."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


NOT_REACHED = "no time was left for it"
"""Why a part of a suite gave no results where it was not even tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """One execution of a test command in the sandbox, read from its JUnit XML.

    `results` maps `classname::name` to a status. `exit_code` is None where the time limit ended the run; `log` is the
    digest of the stored output. `parts` is set where the suite did not end as a whole and ran in pieces: those that
    ended; `left_out` names the pieces without results, with the reason of each.
    """

    __test__ = False

    command: tuple[str, ...]
    results: dict[str, TestStatus]
    exit_code: int | None
    seconds: float
    log: Digest | None = None
    problem: str = ""
    parts: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def executed(self) -> int:
        """How many tests really ran; skipped ones did not."""
        return sum(status is not TestStatus.SKIPPED for status in self.results.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One check of one gate: what ran, what it showed before and after, and the verdict.

    `advisory` is set where the check speaks of one vulnerability only. `facts` are short printable pairs for the
    report; `logs` are digests of stored outputs by name.
    """

    gate: Gate
    verdict: Verdict
    summary: str
    advisory: AdvisoryId | None = None
    facts: dict[str, str | int | float | list[str]]
    before: tuple[TestRun, ...] = ()
    after: tuple[TestRun, ...] = ()
    logs: dict[str, Digest]
