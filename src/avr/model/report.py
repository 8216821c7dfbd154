"""How the work ended, finding by finding and component by component: what the closing table and report.json show."""

from dataclasses import dataclass

from avr.model.backport import PortedFix
from avr.model.component import Component, Unresolved
from avr.model.evidence import Evidence, Verdict
from avr.model.finding import Finding
from avr.model.identifiers import Assurance, Gate, State
from avr.model.release import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingReport:
    """One finding with its final state, the assurance reached and what is missing for the levels above."""

    finding: Finding
    state: State
    assurance: Assurance
    missing: tuple[Gate, ...]
    code: str
    """A stable dotted code of the outcome, such as `fixed` or `patch.unplaced-hunk`."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentReport:
    """All findings of one component, the fixes that were ported, the evidence and the release, if there is one.

    `seconds` holds the time of each stage by its name.
    """

    component: Component
    findings: tuple[FindingReport, ...]
    ported: tuple[PortedFix, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    release: Release | None = None
    seconds: dict[str, float]

    @property
    def state(self) -> State:
        """The state that asks for most attention among the findings."""
        order = (State.FAILED, State.NEEDS_REVIEW, State.NO_FIX_KNOWN, State.FIXED, State.ALREADY_FIXED)
        states = {each.state for each in self.findings}
        return next((state for state in order if state in states), State.NOT_AFFECTED)

    @property
    def assurance(self) -> Assurance:
        """The weakest level among the fixed findings, or NONE where nothing was fixed."""
        levels = [each.assurance for each in self.findings if each.state is State.FIXED]
        return min(levels, key=list(Assurance).index, default=Assurance.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run over one target."""

    target: str
    components: tuple[ComponentReport, ...]
    unresolved: tuple[Unresolved, ...] = ()
    clean: int = 0
    """How many components had no finding."""
    tool_version: str = ""
    project: Evidence | None = None
    """What the tests of the user's own project showed with the releases in place, where they were asked for."""

    @property
    def remaining(self) -> tuple[FindingReport, ...]:
        """Findings that are still open."""
        closed = {State.FIXED, State.ALREADY_FIXED, State.NOT_AFFECTED}
        return tuple(each for component in self.components for each in component.findings if each.state not in closed)

    @property
    def needs_attention(self) -> bool:
        """Whether a finding is open, or the user's own tests do not show that the releases fit."""
        return bool(self.remaining) or (self.project is not None and self.project.verdict is not Verdict.PASSED)
