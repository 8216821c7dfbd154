"""The assurance level of one advisory on one backport, computed from evidence and from nothing else."""

from collections.abc import Iterable

from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import AdvisoryId, Assurance, Gate

_REQUIRED: tuple[tuple[Assurance, tuple[Gate, ...]], ...] = (
    (Assurance.PORTED, (Gate.APPLIES,)),
    (Assurance.BUILT, (Gate.SOUND, Gate.BUILDS)),
    (Assurance.NO_REGRESSION_SEEN, (Gate.NO_REGRESSION,)),
)


def assurance(evidence: Iterable[Evidence], advisory: AdvisoryId) -> Assurance:
    """The highest level whose every gate passed, for `advisory`; any failed check of a gate fails the gate."""
    relevant = [each for each in evidence if each.advisory in (None, advisory)]
    level = Assurance.NONE
    for reached, gates in _REQUIRED:
        if not all(_passed(relevant, gate) for gate in gates):
            return level
        level = reached
    if not shown_closed(relevant, advisory) or _failed(relevant, Gate.BEHAVIOUR):
        return level
    tested, exploited = _passed(relevant, Gate.SECURITY_TEST), _passed(relevant, Gate.EXPLOIT)
    if tested and exploited and _passed(relevant, Gate.BEHAVIOUR):
        return Assurance.PROVED_TWICE
    return Assurance.FIXED


def shown_closed(evidence: Iterable[Evidence], advisory: AdvisoryId) -> bool:
    """Whether tests or exploits were seen to turn, and none of them speaks against the fix: what A3 adds to A2."""
    relevant = [each for each in evidence if each.advisory in (None, advisory)]
    if _failed(relevant, Gate.SECURITY_TEST) or _failed(relevant, Gate.EXPLOIT):
        return False
    return _passed(relevant, Gate.SECURITY_TEST) or _passed(relevant, Gate.EXPLOIT)


def lacking(evidence: Iterable[Evidence], advisory: AdvisoryId) -> tuple[Gate, ...]:
    """The gates that did not pass, in order: what is missing for the levels above."""
    relevant = [each for each in evidence if each.advisory in (None, advisory)]
    return tuple(gate for gate in Gate if gate is not Gate.NECESSITY and not _passed(relevant, gate))


def _passed(evidence: list[Evidence], gate: Gate) -> bool:
    verdicts = [each.verdict for each in evidence if each.gate is gate]
    return bool(verdicts) and all(verdict is Verdict.PASSED for verdict in verdicts)


def _failed(evidence: list[Evidence], gate: Gate) -> bool:
    return any(each.gate is gate and each.verdict is Verdict.FAILED for each in evidence)
