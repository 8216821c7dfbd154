"""Whether a version lies in an advisory's ranges: OSV's evaluation rule with the order of PEP 440.

https://ossf.github.io/osv-schema/#evaluation and https://peps.python.org/pep-0440/.
A bound that is no PEP 440 version cannot end a range: claiming too much is repaired by the presence check later,
claiming too little is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from packaging.version import InvalidVersion, Version

from avr.model.advisory import AffectedRange, RangeEvent, RangeType


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> Version | None:
    """The PEP 440 version of a text, or None where it is none."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


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


def containing(version: Version, affected: AffectedRange) -> Interval | None:
    """The stretch of a range that holds a version, or None; ranges of commits hold no versions."""
    if affected.type is RangeType.GIT or not _before_limits(version, affected.events):
        return None
    start: str | None = None
    end = RangeEvent()
    for bound, event in sorted(_bounds(affected.events), key=_position):
        reached = bound is None or _comparable(version, bound) >= bound
        if reached and event.introduced is not None:
            start = start or event.introduced
        elif reached and not (event.last_affected is not None and _at(version, bound)):
            start, end = None, RangeEvent()
        elif end == RangeEvent() and event.introduced is None:
            end = event
    return Interval(introduced=start, fixed=end.fixed, last_affected=end.last_affected) if start else None


def _bounds(events: tuple[RangeEvent, ...]) -> Iterator[tuple[Version | None, RangeEvent]]:
    """Events with their versions; None stands before every version, as `0` does."""
    for event in events:
        if event.introduced is not None:
            yield (None if event.introduced == "0" else parse(event.introduced)), event
        elif event.limit is None:
            bound = parse(event.fixed or event.last_affected or "")
            if bound is not None:
                yield bound, event


def _position(bounded: tuple[Version | None, RangeEvent]) -> tuple[bool, Version]:
    bound, _ = bounded
    return (bound is not None, bound or Version("0"))


def _at(version: Version, bound: Version | None) -> bool:
    return bound is not None and _comparable(version, bound) == bound


def _before_limits(version: Version, events: tuple[RangeEvent, ...]) -> bool:
    limits = [each.limit for each in events if each.limit is not None]
    return not limits or any(_below(version, limit) for limit in limits)


def _below(version: Version, limit: str) -> bool:
    bound = parse(limit)
    return bound is None or _comparable(version, bound) < bound


def _comparable(version: Version, bound: Version) -> Version:
    """The public part of a version (`2.11.2+avr.1` is 2.11.2 to an advisory), unless the bound has a local part too."""
    if version.local is None or bound.local is not None:
        return version
    return parse(version.public) or version
