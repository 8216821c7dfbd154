"""Which releases to test to learn where an advisory's ranges really begin and end; pure."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet


def with_neighbours(versions: Sequence[str], claimed: AbstractSet[str], count: int) -> tuple[str, ...]:
    """The claimed versions and, on both sides of each claimed stretch, up to `count` others; in the given order."""
    near = {
        index + step
        for index, version in enumerate(versions)
        if version in claimed
        for step in range(-count, count + 1)
    }
    return tuple(version for index, version in enumerate(versions) if index in near)
