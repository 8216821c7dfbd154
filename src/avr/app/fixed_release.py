"""Upstream's own release that holds a set of fixes: what it answers, upstream decided."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from avr.ecosystems import schemes
from avr.ecosystems.interface import Ecosystem, FixedRelease
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.finding import Finding
from avr.model.fix import Fix
from avr.model.plan import Strategy
from avr.model.source import SourceTree
from avr.stages.plan.finder import nearest_fixed
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
    parse = schemes.of(component.ecosystem).parse
    versions = {text: version for text in known if text and (version := parse(text)) is not None}
    if not versions or None in known:
        return None
    first = max(versions, key=lambda each: versions[each])

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
    parse = schemes.of(component.ecosystem).parse
    lowest = parse(first)
    try:
        releases = [each.version for each in ecosystem.registry.releases(component.name)]
    except AvrError:
        return
    found = ((version, text) for text in releases if (version := parse(text)) is not None)
    later = [each for each in found if lowest is not None and each[0] > lowest and not each[0].is_prerelease]
    yield from (text for _, text in sorted(later, key=lambda each: each[0])[: _TRIED - 1])
