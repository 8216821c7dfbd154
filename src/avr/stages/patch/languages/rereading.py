"""Another version of a file that was read before: only what lies between the equal ends is read again.

The rungs read four or more versions of each file, and they differ in few lines. Reading begins anew at every statement
of the top level, so what stands before one and what begins with one is read the same wherever it stands.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from avr.stages.patch.languages.interface import Source, Statement

Lines = tuple[str, ...]
_WORTH = 200
"""Lines below which looking for equal ends does not pay."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version that was read, and its statements at the top level by number."""

    lines: Lines
    source: Source
    tops: tuple[int, ...]

    @classmethod
    def of(cls, lines: Lines, source: Source) -> "Version":
        """Note where the top level's statements are."""
        return cls(lines, source, tuple([i for i, each in enumerate(source.statements) if not each.indent]))


@dataclass(frozen=True, slots=True)
class _Ends:
    """What two versions share: statements `[0, head)`, and those from `tail` on, of the older one."""

    head: int
    tail: int
    shared: int


def reread(
    lines: Lines, text: str, versions: Sequence[Version], read: Callable[[str], list[Statement] | None]
) -> tuple[tuple[Statement, ...], tuple[str, ...]] | None:
    """The statements of `text` (`lines` joined) and their keys, by the version it shares most with.

    None where it shares less than half with any, or where what lies between cannot be read by itself.
    """
    if len(lines) < _WORTH or not versions:
        return None
    version, ends = max(((each, _ends(lines, each)) for each in versions), key=lambda pair: pair[1].shared)
    if ends.shared * 2 < len(lines):
        return None
    old = version.source.statements
    first, start = (old[ends.head].first, old[ends.head].start) if ends.head < len(old) else (0, 0)
    down, along = len(lines) - len(version.lines), len(text) - len(version.source.text)
    stop = old[ends.tail].start + along if ends.tail < len(old) else len(text)
    between = read(text[start:stop])
    if between is None:
        return None
    middle = [_moved(each, first, start) for each in between]
    rest = old[ends.tail :] if not down and not along else [_moved(each, down, along) for each in old[ends.tail :]]
    keys = version.source.keys
    return (*old[: ends.head], *middle, *rest), (*keys[: ends.head], *(each.key for each in middle), *keys[ends.tail :])


def _moved(statement: Statement, lines: int, characters: int) -> Statement:
    level, indent, first, last, start, shape = statement
    return Statement(level, indent, first + lines, last + lines, start + characters, shape)


def _ends(lines: Lines, version: Version) -> _Ends:
    """The largest ends at statements of the top level; the line on which one begins is shared too."""
    old, statements, tops = version.lines, version.source.statements, version.tops
    most = min(len(lines), len(old))
    before = _agreeing(most, lambda count: lines[:count] == old[:count])
    behind = _agreeing(most - before, lambda count: lines[len(lines) - count :] == old[len(old) - count :])
    firsts = [statements[each].first for each in tops]
    at = bisect_left(firsts, before) - 1
    to = bisect_right(firsts, len(old) - behind - 1)
    head = tops[at] if at >= 0 else 0
    tail = tops[to] if to < len(tops) else len(statements)
    if at < 0 or to <= at:
        return _Ends(0, len(statements), 0)
    return _Ends(head, tail, firsts[at] + (len(old) - firsts[to] if to < len(tops) else 0))


def _agreeing(most: int, agrees: Callable[[int], bool]) -> int:
    """The largest count up to `most` for which two ends agree, as they do for every smaller one."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if agrees(middle):
            low = middle
        else:
            high = middle - 1
    return low
