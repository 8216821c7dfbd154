"""What verifying a folder showed, check by check."""

from dataclasses import dataclass
from enum import StrEnum

from avr.errors import AvrError, ExitCode, ProofError


class CheckState(StrEnum):
    """How a check ended; `UNCHECKED` is one that the world did not allow, such as an unreachable index."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: of which part (a release's folder, or the output folder itself), what, and what it showed."""

    part: str
    name: str
    state: CheckState
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All checks of one output folder; `warnings` say what the result leans on."""

    folder: str
    checks: tuple[Check, ...]
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """4 where anything disagrees, 3 where something could not be checked, else 0."""
        states = {each.state for each in self.checks}
        if CheckState.FAILED in states:
            return ExitCode.PROOF_FAILED
        return ExitCode.ENVIRONMENT if CheckState.UNCHECKED in states else ExitCode.OK


def ended(part: str, name: str, error: AvrError) -> Check:
    """The check that `error` ended: failed for a disagreement, unchecked where the world was in the way."""
    state = CheckState.FAILED if isinstance(error, ProofError) else CheckState.UNCHECKED
    return Check(part=part, name=name, state=state, detail=f"{error.message} [{error.code}]")
