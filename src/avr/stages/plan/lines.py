"""Source lines as the planner compares them: those that carry meaning, and the hunks between two versions. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from avr.model.fix import ChangeKind, FileChange
from avr.tools.difference import edits

_COMMENT = re.compile(r"(#|//|/\*|\*/|\* |;)")
_TRIVIAL = re.compile(r"[\W_]*|else:|try:|finally:|pass|return|break|continue|\"\"\"|'''|return (None|True|False)|end")
_VERSION = re.compile(r"(__(version|date|author|copyright|build|release)\w*__|version|VERSION)\s*=\s*[\"'(\d].*")
_DEFINITION = re.compile(r"(\s*)(?:async\s+)?(?:def|class)\s+(\w+)")
_ASSIGNED = re.compile(r"\s*(?:self\.)?([A-Za-z_]\w*)\s*(?::[^=]+)?=(?!=)")
_MAX_LINES = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One contiguous change between two versions of a file.

    `start` and `end` are positions in the old lines (from 0, end exclusive), `removed` and `added` the raw lines,
    `scope` the names of the definitions that enclose it, outermost first.
    """

    path: str
    start: int
    end: int
    removed: tuple[str, ...]
    added: tuple[str, ...]
    scope: tuple[str, ...]


def text_lines(data: bytes) -> list[str]:
    """Lines with their line feeds; Latin-1, so that every byte survives the way back."""
    parts = re.split(r"(?<=\n)", data.decode("latin-1"))
    return parts if parts[-1] else parts[:-1]


def normal(line: str) -> str:
    """A line without white space and with one kind of quotes, for comparison only."""
    return re.sub(r"\s+", "", line).replace('"', "'")


def meaningful(lines: Iterable[str]) -> list[str]:
    """The normalised lines that carry meaning: blank lines, comments and version numbers left out."""
    return [normal(line) for line in lines if _means_something(line)]


def substantive(lines: Iterable[str]) -> list[str]:
    """The normalised lines that could hardly stand in another place by chance: no lone brackets, `else:`, `return`."""
    kept = (line for line in lines if _means_something(line) and not _TRIVIAL.fullmatch(line.strip()))
    return [text for text in map(normal, kept) if len(re.sub(r"\W", "", text)) >= 6]


def hunks(path: str, before: bytes | None, after: bytes | None) -> tuple[Hunk, ...]:
    """The changes that turn `before` into `after`; a missing side is an empty file."""
    old, new = text_lines(before or b""), text_lines(after or b"")
    if len(old) > _MAX_LINES or len(new) > _MAX_LINES:
        return ()
    return tuple(
        Hunk(
            path=path,
            start=each.a0,
            end=each.a1,
            removed=tuple(old[each.a0 : each.a1]),
            added=tuple(new[each.b0 : each.b1]),
            scope=_scope(old, each.a0, old[each.a0 : each.a1] or new[each.b0 : each.b1]),
        )
        for each in edits(old, new)
    )


def code_hunks(files: Iterable[FileChange]) -> Iterator[Hunk]:
    """The hunks of the code files of a fix that carry meaning."""
    for change in files:
        if change.kind is ChangeKind.CODE:
            yield from (hunk for hunk in hunks(change.path, change.before, change.after) if carries(hunk))


def carries(hunk: Hunk) -> bool:
    """Whether a hunk changes more than blank lines, comments or version numbers."""
    return meaningful(hunk.removed) != meaningful(hunk.added)


def signature(files: Iterable[FileChange]) -> frozenset[tuple[str, str]]:
    """The meaningful changed lines of the code files, each with its sign: equal changes have equal signatures."""
    return frozenset(
        (sign, line)
        for hunk in code_hunks(files)
        for sign, lines in (("-", hunk.removed), ("+", hunk.added))
        for line in meaningful(lines)
    )


def similarity(one: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]]) -> float:
    """How much two signatures share, 0 to 1 (Jaccard)."""
    return len(one & other) / len(one | other) if one and other else 0.0


def symbols(hunk: Hunk) -> frozenset[str]:
    """Names that exist before the change and stand for the changed place: definitions around it, names assigned."""
    defined = (match[2] for line in hunk.removed if (match := _DEFINITION.match(line)))
    at_top = () if hunk.scope else (match[1] for line in hunk.removed if (match := _ASSIGNED.match(line)))
    return frozenset((*hunk.scope, *defined, *at_top))


def _means_something(line: str) -> bool:
    text = line.strip()
    return bool(text) and not _COMMENT.match(text) and not _VERSION.fullmatch(text)


def _scope(old: Sequence[str], start: int, changed: Sequence[str]) -> tuple[str, ...]:
    indents = [len(line) - len(line.lstrip()) for line in changed if line.strip()]
    limit = min(indents, default=0)
    names: list[str] = []
    for line in reversed(old[:start]):
        if limit == 0:
            break
        match = _DEFINITION.match(line)
        if match and len(match[1]) < limit:
            names.append(match[2])
            limit = len(match[1])
    return tuple(reversed(names))
