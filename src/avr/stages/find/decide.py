"""Which components an advisory affects, why, and what fixes them; pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

from avr.ecosystems import schemes
from avr.ecosystems.schemes import Scheme, Version
from avr.model.advisory import Advisory, AffectedPackage, Score
from avr.model.component import Component
from avr.model.finding import Finding
from avr.stages.find.ranges import containing

_NEWEST_CVSS_FIRST = ("CVSS_V4", "CVSS_V3", "CVSS_V2")


def match(
    components: Iterable[Component], advisories_of: Callable[[str, str], Iterable[Advisory]]
) -> tuple[Finding, ...]:
    """Every finding of the components, ordered by package, version and advisory.

    `advisories_of(ecosystem, name)` gives the merged advisories of one package.
    """
    findings = [
        _finding(component, advisory, why)
        for component in components
        for advisory in advisories_of(component.ecosystem, component.name)
        if (why := affects(advisory, component.ecosystem, component.name, component.version)) is not None
    ]
    return tuple(sorted(findings, key=_order))


def affects(advisory: Advisory, ecosystem: str, name: str, version: str) -> str | None:
    """Why an advisory affects a version of a package, or None where it does not.

    A version of ours such as `2.11.2+avr.1` is judged as its public part, for advisories know no other; the answer
    then says so. A version that its ecosystem cannot read is found by enumeration only.
    """
    if advisory.withdrawn is not None:
        return None
    scheme = schemes.of(ecosystem)
    for part in _about(advisory, ecosystem, name):
        reason = _in_ranges(part, version, scheme) or _enumerated(part, version, scheme)
        if reason is not None:
            return reason + _own_remark(version, scheme)
    return None


def fixed_in(advisory: Advisory, ecosystem: str, name: str, version: str) -> tuple[str, ...]:
    """The fixed releases above a version that the advisory names, oldest first."""
    parse = schemes.of(ecosystem).parse
    exact = parse(version)
    bounds = {
        bound: event.fixed
        for part in _about(advisory, ecosystem, name)
        for affected in part.ranges
        if affected.type != "GIT"
        for event in affected.events
        if event.fixed is not None and (bound := parse(event.fixed)) is not None and (exact is None or bound > exact)
    }
    return tuple(bounds[each] for each in sorted(bounds))


def score(severity: Iterable[Score]) -> float | None:
    """The CVSS base score (0 to 10) of the newest CVSS version given; None where no vector can be read."""
    vectors = tuple(severity)
    for kind in _NEWEST_CVSS_FIRST:
        scores = [base for each in vectors if each.type == kind and (base := _base_score(each)) is not None]
        if scores:
            return max(scores)
    return None


def _finding(component: Component, advisory: Advisory, why: str) -> Finding:
    return Finding(
        component=component,
        advisory=advisory,
        why=why,
        fixed_in=fixed_in(advisory, component.ecosystem, component.name, component.version),
        score=score(advisory.severity),
    )


@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a finding stands among the others: what is no version comes first."""

    package: tuple[str, str]
    version: Version | None
    rest: tuple[str, str]

    def __lt__(self, other: "_Place") -> bool:
        if self.package != other.package or self.version == other.version:
            return (self.package, self.rest) < (other.package, other.rest)
        if self.version is None or other.version is None:
            return self.version is None
        return self.version < other.version


def _order(finding: Finding) -> _Place:
    component = finding.component
    return _Place(
        package=(component.ecosystem, component.name),
        version=schemes.of(component.ecosystem).parse(component.version),
        rest=(finding.id, finding.advisory.id),
    )


def _about(advisory: Advisory, ecosystem: str, name: str) -> Iterator[AffectedPackage]:
    wanted = schemes.canonical(ecosystem, name)
    for part in advisory.affected:
        if part.ecosystem == ecosystem and schemes.canonical(part.ecosystem, part.name) == wanted:
            yield part


def _in_ranges(part: AffectedPackage, version: str, scheme: Scheme) -> str | None:
    for affected in part.ranges:
        interval = containing(version, affected, scheme)
        if interval is not None:
            return f"in the affected range {interval}"
    return None


def _enumerated(part: AffectedPackage, version: str, scheme: Scheme) -> str | None:
    if version in part.versions:
        return "listed among the affected versions"
    own = {scheme.parse(version), scheme.parse(scheme.public(version))} - {None}
    listed = any(scheme.parse(each) in own for each in part.versions)
    return "listed among the affected versions" if listed else None


def _own_remark(version: str, scheme: Scheme) -> str:
    public = scheme.public(version)
    exact = scheme.parse(version)
    if exact is None or exact == scheme.parse(public):
        return ""
    return f"; judged as {public}, the advisory does not know {str(exact).removeprefix(public)}"


def _base_score(severity: Score) -> float | None:
    from cvss.cvss2 import CVSS2
    from cvss.cvss3 import CVSS3
    from cvss.cvss4 import CVSS4
    from cvss.exceptions import CVSSError

    kinds: dict[str, Callable[[str], Any]] = {"CVSS_V2": CVSS2, "CVSS_V3": CVSS3, "CVSS_V4": CVSS4}
    try:
        return float(kinds[severity.type](severity.score).base_score)
    except CVSSError:
        return None
