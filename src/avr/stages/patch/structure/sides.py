"""A unit in the file before the fix, after it and in the pin, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from avr.stages.patch.change import Upstream
from avr.stages.patch.languages.interface import Source, Statement
from avr.stages.patch.structure.alignment import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """A unit on all sides: sources, and its statements `[first, last)` and naming statement in each."""

    upstream: Upstream
    sources: tuple[Source, Source, Source]
    ranges: tuple[Range, Range, Range]
    heads: tuple[int, int, int]


def parent(statements: Sequence[Statement], index: int) -> int:
    """The statement that a statement stands in: the nearest one in front of it that is less deep, or -1."""
    return above(statements, index, statements[index].level)


def above(statements: Sequence[Statement], index: int, level: int) -> int:
    """The nearest statement in front of a place that is less deep than `level`, or -1."""
    for at in range(index - 1, -1, -1):
        if statements[at].level < level:
            return at
    return -1
