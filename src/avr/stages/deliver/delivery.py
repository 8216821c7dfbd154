"""What one delivery is made from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from avr.ecosystems.interface import Built, Equipment, Pin
from avr.model.backport import Backport
from avr.model.component import Component
from avr.model.evidence import Evidence
from avr.model.identifiers import AdvisoryId, Assurance, Digest, State
from avr.model.plan import Plan
from avr.model.report import FindingReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One component's backport with its judgement, and how it was made.

    `log_of` gives the stored output of a test run by its digest, or None where it is gone. `minimum` is the level
    from which a finding may be called fixed. `equipment` is what the security tests ran with, where they ran.
    """

    pin: Pin
    plan: Plan
    backport: Backport
    findings: tuple[FindingReport, ...]
    evidence: tuple[Evidence, ...]
    built: Built
    revision: int
    tool_version: str
    minimum: Assurance = Assurance.FIXED
    log_of: Callable[[Digest], bytes | None] = lambda _: None
    equipment: Equipment | None = None

    @property
    def component(self) -> Component:
        """The pinned component."""
        return self.pin.component

    @property
    def version(self) -> str:
        """The patched version, such as `2.11.2+avr.1`."""
        return self.built.version

    @property
    def fixed(self) -> tuple[FindingReport, ...]:
        """The findings that may be called fixed: closed by this backport, and proved well enough."""
        ported = {each.advisory for each in self.backport.ported}
        return tuple(each for each in self.findings if self._is_fixed(each, ported))

    @property
    def moment(self) -> datetime:
        """The time that documents bear: when the newest of the advisories was last modified.

        It depends on the inputs alone, so that the same inputs give the same documents.
        """
        times = [each.finding.advisory.modified for each in self.findings]
        aware = [each if each.tzinfo else each.replace(tzinfo=UTC) for each in times]
        return max(aware, default=datetime(1980, 1, 1, tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)

    def _is_fixed(self, report: FindingReport, ported: set[AdvisoryId]) -> bool:
        return report.state is State.FIXED and report.assurance >= self.minimum and report.finding.id in ported
