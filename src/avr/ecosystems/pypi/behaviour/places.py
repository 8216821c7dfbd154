"""Where two forms of a file differ: places in the one before, lines in the one after. Pure."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from avr.model.source import SourceTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Changes of one file: `before` are lines from 1, a half being the gap between two; `after` are whole lines.

    Where lines were only taken away, the lines around the gap stand for the change.
    """

    before: tuple[float, ...]
    after: tuple[int, ...]


def changed(before: SourceTree, after: SourceTree, paths: tuple[str, ...]) -> dict[str, Places]:
    """The places of change in every file of `paths` that both trees have."""
    found = {}
    for path in paths:
        old, new = before.get(path), after.get(path)
        if old is not None and new is not None and old != new:
            found[path] = between(old, new)
    return found


def between(old: bytes, new: bytes) -> Places:
    """The places at which two forms of a file differ."""
    one, two = old.splitlines(), new.splitlines()
    before: list[float] = []
    after: list[int] = []
    for tag, start, end, first, last in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag != "equal":
            before += range(start + 1, end + 1) if end > start else [start + 0.5]
            after += range(first + 1, last + 1) if last > first else _around(first, len(two))
    return Places(before=tuple(before), after=tuple(sorted(set(after))))


def _around(line: int, last: int) -> list[int]:
    return [each for each in (line, line + 1) if 1 <= each <= last]
