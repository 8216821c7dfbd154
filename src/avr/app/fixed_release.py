"""Upstream's own release that holds a set of fixes: what it answers, upstream decided."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from avr.ecosystems.interface import Ecosystem, FixedRelease
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.finding import Finding
from avr.model.fix import Fix
from avr.model.plan import Strategy
from avr.model.source import SourceTree
from avr.stages.plan.finder import nearest_fixed, version_of
from avr.stages.plan.presence import presence

_TRIED = 3
"""Advisories sometimes name a release that came just before the fix: so many are looked at."""


def fixed_release(
    ecosystem: Ecosystem, component: Component, findings: Sequence[Finding], fixes: Sequence[Fix] = ()
) -> FixedRelease | None:
    """The first release that all advisories of `findings` call fixed; with `fixes` the first of a few to hold them.

    None where an advisory names no fixed release above the component's.
    """
    known = [nearest_fixed(each, component.version) for each in findings]
    versions = sorted((version, text) for text in known if text and (version := version_of(text)) is not None)
    if not versions or len(versions) < len(known):
        return None
    first = versions[-1][1]

    def tree() -> SourceTree | None:
        for version in _from(ecosystem, component, first) if fixes else (first,):
            try:
                found = ecosystem.pin(replace(component, version=version, hashes=())).tree
            except AvrError:
                continue
            if all(presence(found, fix)[1] is Strategy.ALREADY_FIXED for fix in fixes):
                return found
        return None

    return FixedRelease(version=first, tree=tree)


def _from(ecosystem: Ecosystem, component: Component, first: str) -> Iterator[str]:
    """`first` and the final releases behind it, a few in all; `first` alone where the registry cannot be asked."""
    yield first
    lowest = version_of(first)
    try:
        releases = [each.version for each in ecosystem.registry.releases(component.name)]
    except AvrError:
        return
    later = sorted(
        (version, text)
        for text in releases
        if lowest and (version := version_of(text)) and version > lowest and not version.is_prerelease
    )
    yield from (text for _, text in later[: _TRIED - 1])
