"""Which components an advisory affects, why, and what fixes them; pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from avr.model.advisory import Advisory, AffectedPackage, Score
from avr.model.component import Component
from avr.model.finding import Finding
from avr.model.identifiers import EcosystemName
from avr.stages.find.ranges import containing, parse

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

    A local version such as `2.11.2+avr.1` is judged as its public part, for advisories know no local parts; the answer
    then says so. A version that PEP 440 cannot read is found by enumeration only.
    """
    if advisory.withdrawn is not None:
        return None
    exact = parse(version)
    for part in _about(advisory, ecosystem, name):
        reason = (_in_ranges(part, exact) if exact else None) or _enumerated(part, version, exact)
        if reason is not None:
            return reason + _local_remark(exact)
    return None


def fixed_in(advisory: Advisory, ecosystem: str, name: str, version: str) -> tuple[str, ...]:
    """The fixed releases above a version that the advisory names, oldest first."""
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


def _order(finding: Finding) -> tuple[str, str, bool, Version, str, str]:
    version = parse(finding.component.version)
    return (
        finding.component.ecosystem,
        finding.component.name,
        version is not None,
        version or Version("0"),
        finding.id,
        finding.advisory.id,
    )


def _about(advisory: Advisory, ecosystem: str, name: str) -> Iterator[AffectedPackage]:
    wanted = _normal(ecosystem, name)
    for part in advisory.affected:
        if part.ecosystem == ecosystem and _normal(part.ecosystem, part.name) == wanted:
            yield part


def _normal(ecosystem: str, name: str) -> str:
    return canonicalize_name(name) if ecosystem == EcosystemName.PYPI else name


def _in_ranges(part: AffectedPackage, version: Version) -> str | None:
    for affected in part.ranges:
        interval = containing(version, affected)
        if interval is not None:
            return f"in the affected range {interval}"
    return None


def _enumerated(part: AffectedPackage, version: str, exact: Version | None) -> str | None:
    if version in part.versions:
        return "listed among the affected versions"
    if exact is None:
        return None
    own = {exact, parse(exact.public)}
    listed = any(each is not None and each in own for each in map(parse, part.versions))
    return "listed among the affected versions" if listed else None


def _local_remark(version: Version | None) -> str:
    if version is None or version.local is None:
        return ""
    return f"; judged as {version.public}, the advisory does not know +{version.local}"


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
