"""The final state of each finding, from the plan, the backport and the evidence. Pure."""

from collections.abc import Mapping, Sequence

from avr.model.assurance import assurance, lacking
from avr.model.backport import PortedFix
from avr.model.evidence import Evidence, Verdict
from avr.model.fix import ChangeKind
from avr.model.identifiers import AdvisoryId, Assurance, Gate, State
from avr.model.plan import Step, Strategy
from avr.model.report import FindingReport

Rejected = Mapping[AdvisoryId, tuple[PortedFix | None, str]]


def report(step: Step, rejected: Rejected, evidence: Sequence[Evidence], minimum: Assurance) -> FindingReport:
    """How one finding ended; `minimum` is the level from which a backport may be called fixed."""
    match step.strategy:
        case Strategy.NO_FIX_KNOWN:
            return _without_fix(step)
        case Strategy.ALREADY_FIXED | Strategy.NOT_AFFECTED:
            return _presence(step, evidence)
        case Strategy.BACKPORT:
            if step.finding.id in rejected:
                return _rejected(step, *rejected[step.finding.id])
            return _ported(step, evidence, minimum)


def failed(step: Step, code: str, why: str) -> FindingReport:
    """A finding whose component could not be worked on."""
    return _report(step, State.FAILED, code, why)


def _report(
    step: Step,
    state: State,
    code: str,
    why: str,
    level: Assurance = Assurance.NONE,
    missing: tuple[Gate, ...] = (),
) -> FindingReport:
    finding = step.finding.without_prose()
    return FindingReport(finding=finding, state=state, assurance=level, missing=missing, code=code, why=why)


def _without_fix(step: Step) -> FindingReport:
    """Nobody has a fix; or a later release has one, and no finder could tell it from the rest of that release."""
    reasons = "; ".join(step.reasons)
    if step.finding.fixed_in:
        why = f"fixed in {step.finding.fixed_in[0]}, but no finder could tell the change: {reasons}"
        return _report(step, State.NEEDS_REVIEW, "plan.fix-not-found", why)
    return _report(step, State.NO_FIX_KNOWN, "plan.no-fix-known", reasons or "no fix was found")


def _presence(step: Step, evidence: Sequence[Evidence]) -> FindingReport:
    detail = step.presence.detail if step.presence else "; ".join(step.reasons)
    tests = [
        each
        for each in evidence
        if each.gate in {Gate.SECURITY_TEST, Gate.EXPLOIT} and each.advisory == step.finding.id
    ]
    disputed = next((each for each in tests if each.verdict is Verdict.FAILED), None)
    if disputed is not None:
        why = f"the source says {step.strategy.value} ({detail}), yet {disputed.summary}"
        return _report(step, State.NEEDS_REVIEW, "plan.presence-disputed", why)
    passed = next((each for each in tests if each.verdict is Verdict.PASSED), None)
    state = State.ALREADY_FIXED if step.strategy is Strategy.ALREADY_FIXED else State.NOT_AFFECTED
    return _report(
        step, state, f"plan.{state.value.replace('_', '-')}", f"{detail}; {passed.summary}" if passed else detail
    )


def _rejected(step: Step, ported: PortedFix | None, why: str) -> FindingReport:
    unplaced = _unplaced(ported) if ported else []
    code = "patch.unplaced-hunk" if unplaced else _refusal(ported)
    return _report(step, State.NEEDS_REVIEW, code, f"{why}: {unplaced[0]}" if unplaced else why)


def _refusal(ported: PortedFix | None) -> str:
    return "plan.only-for-review" if ported and ported.fix.only_for_review else "patch.unsound"


def _unplaced(ported: PortedFix) -> list[str]:
    return [f"{hunk.path}:{hunk.start}" for hunk in ported.hunks if hunk.kind is ChangeKind.CODE and hunk.is_open]


def _ported(step: Step, evidence: Sequence[Evidence], minimum: Assurance) -> FindingReport:
    advisory = step.finding.id
    level, missing = assurance(evidence, advisory), lacking(evidence, advisory)
    if level >= minimum and not disproved(evidence, advisory):
        return _report(step, State.FIXED, "fixed", f"backported, {level}", level, missing)
    relevant = [each for each in evidence if each.advisory in (None, advisory)]
    culprit = next((each for each in relevant if each.verdict is Verdict.FAILED), None)
    culprit = culprit or next((each for each in relevant if each.verdict is Verdict.NO_EVIDENCE), None)
    code = (
        f"validate.{culprit.gate.lower()}-{culprit.verdict.value.replace('_', '-')}"
        if culprit
        else "validate.incomplete"
    )
    return _report(step, State.NEEDS_REVIEW, code, culprit.summary if culprit else "checks are missing", level, missing)


def disproved(evidence: Sequence[Evidence], advisory: AdvisoryId) -> bool:
    """Whether any check that speaks of this advisory, or of the whole component, failed."""
    return any(each.verdict is Verdict.FAILED and each.advisory in (None, advisory) for each in evidence)
