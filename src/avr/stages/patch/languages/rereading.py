"""Another version of a file that was read before: only what lies between the equal ends is read again.

The rungs read four or more versions of each file, and they differ in few lines. What stands before a statement is read
the same whatever follows; what begins with one is read the same wherever the indentations around it are the same.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from avr.stages.patch.languages.interface import Source, Statement

Lines = tuple[str, ...]
_WORTH = 200
"""Lines below which looking for equal ends does not pay."""
_TAB = 8
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Version:
    """A version that was read, and the lines on which its statements begin."""

    lines: Lines
    source: Source
    firsts: tuple[int, ...]

    @classmethod
    def of(cls, lines: Lines, source: Source) -> "Version":
        """Note where the statements are."""
        return cls(lines, source, tuple([each.first for each in source.statements]))


@dataclass(frozen=True, slots=True)
class _Ends:
    """What two versions share: statements `[0, head)`, and those from `tail` on, of the older one."""

    head: int
    tail: int
    shared: int


def reread(
    lines: Lines, text: str, versions: Sequence[Version], read: Callable[[str, list[int]], list[Statement] | None]
) -> tuple[tuple[Statement, ...], tuple[str, ...]] | None:
    """The statements of `text` (`lines` joined) and their keys, by the version it shares most with.

    `read` gets the widths of the indentations around a piece of text and leaves those around what follows. None where
    less than half is shared with any version, or where what lies between cannot be read by itself.
    """
    if len(lines) < _WORTH or not versions:
        return None
    version, ends = max(((each, _ends(lines, each)) for each in versions), key=lambda pair: pair[1].shared)
    if ends.shared * 2 < len(lines):
        return None
    old = version.source.statements
    first, start = (old[ends.head].first, _offset(old[ends.head])) if ends.head < len(old) else (0, 0)
    down, along = len(lines) - len(version.lines), len(text) - len(version.source.text)
    stop = _offset(old[ends.tail]) + along if ends.tail < len(old) else len(text)
    widths = _around(old, ends.head)
    between = read(text[start:stop], widths)
    if between is None or (ends.tail < len(old) and not _goes_on(widths, old, ends.tail)):
        return None
    middle = [_moved(each, first, start) for each in between]
    rest = old[ends.tail :] if not down and not along else [_moved(each, down, along) for each in old[ends.tail :]]
    keys = version.source.keys
    return (*old[: ends.head], *middle, *rest), (*keys[: ends.head], *(each.key for each in middle), *keys[ends.tail :])


def _offset(statement: Statement) -> int:
    """Where the line of a statement begins."""
    return statement.start - len(statement.indent)


def _width(statement: Statement) -> int:
    return len(statement.indent.expandtabs(_TAB))


def _around(statements: Sequence[Statement], index: int) -> list[int]:
    """The widths of the indentations that are open behind the statement in front of `index`."""
    widths: list[int] = []
    wanted = statements[index - 1].level if index else 0
    at = index - 1
    while wanted > 0:
        if statements[at].level == wanted:
            widths.append(_width(statements[at]))
            wanted -= 1
        at -= 1
    return [0, *reversed(widths)]


def _goes_on(widths: Sequence[int], statements: Sequence[Statement], index: int) -> bool:
    """Whether the statement at `index` is as deep between the open indentations `widths` as it was."""
    width = _width(statements[index])
    here, there = ([each for each in side if each < width] for side in (widths, _around(statements, index)))
    return here == there


def _moved(statement: Statement, lines: int, characters: int) -> Statement:
    level, indent, first, last, start, shape = statement
    return tuple.__new__(Statement, (level, indent, first + lines, last + lines, start + characters, shape))


def _ends(lines: Lines, version: Version) -> _Ends:
    """The largest ends at statements; the line on which one begins is shared too."""
    old, firsts = version.lines, version.firsts
    most = min(len(lines), len(old))
    before = _before(lines, old, most)
    behind = _behind(lines, old, most - before)
    head = bisect_left(firsts, before) - 1
    tail = bisect_right(firsts, len(old) - behind - 1)
    if head < 0 or tail <= head:
        return _Ends(0, len(firsts), 0)
    return _Ends(head, tail, firsts[head] + (len(old) - firsts[tail] if tail < len(firsts) else 0))


def _before(one: Lines, two: Lines, most: int) -> int:
    """How many lines are the same from the start, `most` at most; looked at in blocks, which is fast."""
    at = 0
    while at < most and one[at : at + _BLOCK] == two[at : at + _BLOCK]:
        at += _BLOCK
    while at < most and one[at] == two[at]:
        at += 1
    return min(at, most)


def _behind(one: Lines, two: Lines, most: int) -> int:
    """The same from the end."""
    i, j, at = len(one), len(two), 0
    while at + _BLOCK <= most and one[i - at - _BLOCK : i - at] == two[j - at - _BLOCK : j - at]:
        at += _BLOCK
    while at < most and one[i - at - 1] == two[j - at - 1]:
        at += 1
    return at
