"""Whether a version lies in an advisory's ranges: OSV's evaluation rule with the order of the package's ecosystem.

https://ossf.github.io/osv-schema/#evaluation, https://peps.python.org/pep-0440/ and https://semver.org.
A bound that is no version of its ecosystem cannot end a range: claiming too much is repaired by the presence check
later, claiming too little is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from avr.ecosystems.schemes import Scheme, Version
from avr.model.advisory import AffectedRange, RangeEvent, RangeType


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One stretch of affected versions, with bounds as the advisory writes them."""

    introduced: str
    fixed: str | None = None
    last_affected: str | None = None

    def __str__(self) -> str:
        """The interval as a specifier: `>=2.0, <2.11.3`."""
        bounds = [f">={self.introduced}"] if self.introduced != "0" else []
        bounds += [f"<{self.fixed}"] if self.fixed else []
        bounds += [f"<={self.last_affected}"] if self.last_affected else []
        return ", ".join(bounds) or "every version"


def containing(version: str, affected: AffectedRange, scheme: Scheme) -> Interval | None:
    """The stretch of a range that holds a version, or None; ranges of commits hold no versions."""
    exact = scheme.parse(version)
    if exact is None or affected.type is RangeType.GIT:
        return None
    point = _Point(exact=exact, public=scheme.parse(scheme.public(version)) or exact, scheme=scheme)
    if not point.before_limits(affected.events):
        return None
    start: str | None = None
    end = RangeEvent()
    for reached, at, event in _in_order(point, affected.events):
        if reached and event.introduced is not None:
            start = start or event.introduced
        elif reached and not (event.last_affected is not None and at):
            start, end = None, RangeEvent()
        elif end == RangeEvent() and event.introduced is None:
            end = event
    return Interval(introduced=start, fixed=end.fixed, last_affected=end.last_affected) if start else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    """The version that is asked about: as it is, and as advisories know it (`2.11.2` for `2.11.2+avr.1`)."""

    exact: Version
    public: Version
    scheme: Scheme

    def against(self, bound: str) -> Version:
        """What is compared with a bound: the public version, unless the bound is no public one itself."""
        return self.public if self.scheme.parse(bound) == self.scheme.parse(self.scheme.public(bound)) else self.exact

    def before_limits(self, events: tuple[RangeEvent, ...]) -> bool:
        """Whether the version lies below one of the limits, or there are none."""
        limits = [each.limit for each in events if each.limit is not None]
        return not limits or any(self._below(limit) for limit in limits)

    def _below(self, limit: str) -> bool:
        bound = self.scheme.parse(limit)
        return bound is None or self.against(limit) < bound


def _in_order(point: _Point, events: tuple[RangeEvent, ...]) -> Iterator[tuple[bool, bool, RangeEvent]]:
    """Events by their bounds: whether each is reached, whether the version is the bound itself, and the event.

    `0` and what is no version stand before every version as a beginning; as an end they are left out.
    """
    bounds: list[tuple[Version, str, RangeEvent]] = []
    for event in events:
        text = event.introduced or event.fixed or event.last_affected or ""
        bound = None if event.introduced == "0" else point.scheme.parse(text)
        if bound is not None and event.limit is None:
            bounds.append((bound, text, event))
        elif event.introduced is not None:
            yield True, False, event
    for bound, text, event in sorted(bounds, key=lambda each: each[0]):
        against = point.against(text)
        yield against >= bound, against == bound, event
