"""Shipped copies of changed code: bundles, modules cut out of one file, minified builds.

A package often holds the same code several times (`lodash.js` and `_baseSet.js`, `index.js` and `dist/index.js`). Where
such a copy has the same lines, the change is made there too; a minified build gives way to the file that it was made
from. What still is as it was afterwards is told.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from avr.ecosystems.npm import manifest
from avr.model.source import SourceTree
from avr.tools.difference import edits

_SCRIPTS = (".js", ".cjs", ".mjs", ".jsx")
_MINIFIED = re.compile(r"[.-]min(?=\.[cm]?js\Z)")
_ENOUGH = 40
"""Letters that a stretch of lines must have to be known again elsewhere."""
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_DECLARED = re.compile(
    r"(?:\b(?:var|let|const|function\*?|class|import)\s+([A-Za-z_$][\w$]*)|^\s+([A-Za-z_$][\w$]*)\s*=(?!=))",
    re.MULTILINE,
)
_MOST_AROUND = 4
_LARGEST = 8 << 20
_LONG = 500
"""Letters in the average line of a file that no person wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A shipped file that holds what the patch changed elsewhere, as it was before."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A file's lines, and those that are not empty without white space around and between their words.

    `numbers` tells for each of the latter which line it is.
    """

    lines: tuple[str, ...]
    words: tuple[str, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """One change of a file: the words before it with a little of what surrounds them, and the new lines.

    `lead` of the words stand before the `count` that go; `indent` is that of the first of them in the changed file.
    """

    path: str
    old: tuple[str, ...]
    lead: int
    count: int
    indent: str
    added: tuple[str, ...]
    declared: frozenset[str]


def complete(before: SourceTree, after: SourceTree) -> SourceTree:
    """`after`, with each change made in the readable copies of the same lines as well.

    A minified build beside a changed file is replaced by the file that it was made from: larger, and the same to its
    users, docs/decisions/0020-minified-builds.md.
    """
    changes: dict[str, bytes | None] = {}
    for path, blocks in _copies(before, after).items():
        if before.get(path) == after.get(path) and _is_readable(after.files[path]):
            changes[path] = _replaced(after.files[path], _nearest(blocks))
    whole = after.replacing(changes)
    return whole.replacing(
        {path: whole.files[_readable(path)] for path in _minified(before, whole) if _readable(path) in whole}
    )


def stale(before: SourceTree, after: SourceTree) -> tuple[Stale, ...]:
    """The copies that were passed over, each with a sentence for people."""
    found: dict[str, Stale] = {}
    for path, blocks in _copies(before, after).items():
        left = list(_left(path, blocks, before, after))
        if left:
            why = f"{path} holds a copy of what the fix changes in {left[0].path}, as it was before"
            found[path] = Stale(path=path, why=why)
    for path in _minified(before, after):
        why = f"{path} is a minified build of what the fix changes, and was not built anew"
        found.setdefault(path, Stale(path=path, why=why))
    return tuple(found[path] for path in sorted(found))


def _readable(path: str) -> str:
    """What a minified file was made from: `lodash.js` for `lodash.min.js` beside it."""
    return _MINIFIED.sub("", path)


def is_made(path: str, changed: Collection[str], pinned: SourceTree) -> bool:
    """Whether a minified file is made from one that the fix changes too, or does not ship: `complete` sees to it."""
    return is_minified(path) and (path not in pinned or _readable(path) in changed)


def is_minified(path: str) -> bool:
    """Whether a file's name says that it was minified."""
    return _MINIFIED.search(path) is not None


def _left(path: str, blocks: Sequence[_Block], before: SourceTree, after: SourceTree) -> Iterator[_Block]:
    """The changes that the copy at `path` lacks; lines that the changed file itself still has tell nothing."""
    old, new = before.files[path], after.files[path]
    if old != new and _replaced(old, _nearest(blocks)) == new:
        return
    for each in blocks:
        if old == new or (
            _find(each.old, _text(new).words) and not _find(each.old, _text(after.files[each.path]).words)
        ):
            yield each


def _copies(before: SourceTree, after: SourceTree) -> dict[str, list[_Block]]:
    """The files that held, before the patch, what it changes in another file."""
    found: dict[str, list[_Block]] = {}
    blocks = list(_blocks(before, after))
    for path in _scripts(after) if blocks else ():
        words = _text(before.get(path) or b"").words
        held = [each for each in blocks if each.path != path and _find(each.old, words)]
        if held:
            found[path] = held
    return found


def _minified(before: SourceTree, after: SourceTree) -> Iterator[str]:
    """Minified files that are called like a changed file or like the package, and that are as they were."""
    changed = [path for path in _scripts(after) if before.get(path) not in (None, after.files[path])]
    names = {PurePosixPath(path).stem for path in changed if not is_minified(path)}
    names |= {manifest.read(after).name.rpartition("/")[2].removesuffix(".js")} if changed else set()
    for path in _scripts(after):
        own = PurePosixPath(_readable(path)).stem
        if is_minified(path) and before.get(path) == after.get(path) and own in names:
            yield path


def _scripts(tree: SourceTree) -> list[str]:
    return [path for path in sorted(tree) if path.endswith(_SCRIPTS)]


def _blocks(before: SourceTree, after: SourceTree) -> Iterator[_Block]:
    for path in _scripts(after):
        old, new = before.get(path), after.files[path]
        if old is not None and old != new and _is_readable(old):
            yield from _of_file(path, _text(old), _text(new))


def _of_file(path: str, old: _Text, new: _Text) -> Iterator[_Block]:
    for each in edits(old.words, new.words):
        for around in range(0 if each.a1 > each.a0 else 1, _MOST_AROUND + 1):
            begin = max(0, each.a0 - around)
            words = old.words[begin : each.a1 + around]
            if sum(map(len, words)) < _ENOUGH:
                continue
            yield _Block(
                path=path,
                old=words,
                lead=each.a0 - begin,
                count=each.a1 - each.a0,
                indent=_indent(old, min(each.a0, len(old.words) - 1)),
                declared=_declared(new),
                added=new.lines[new.numbers[each.b0] : new.numbers[each.b1 - 1] + 1] if each.b1 > each.b0 else (),
            )
            break


@lru_cache(maxsize=1 << 14)
def _text(data: bytes) -> _Text:
    if len(data) > _LARGEST:
        return _Text(lines=(), words=(), numbers=())
    lines = tuple(data.decode("utf-8", "surrogateescape").split("\n"))
    found = [(number, text) for number, line in enumerate(lines) if (text := " ".join(line.split()))]
    return _Text(lines=lines, words=tuple(text for _, text in found), numbers=tuple(number for number, _ in found))


def _declared(text: _Text) -> frozenset[str]:
    """The names that a file declares, as far as its lines say it."""
    return frozenset(_names("\n".join(text.lines)))


def _names(text: str) -> set[str]:
    return {name for pair in _DECLARED.findall(text) for name in pair if name}


def _indent(text: _Text, word: int) -> str:
    line = text.lines[text.numbers[word]]
    return line[: len(line) - len(line.lstrip())]


def _is_readable(data: bytes) -> bool:
    return len(data) <= _LARGEST and len(data) < _LONG * (data.count(b"\n") + 1)


def _find(wanted: tuple[str, ...], among: tuple[str, ...]) -> tuple[int, ...]:
    """Where a stretch of lines stands among others."""
    found: list[int] = []
    at = -1
    while True:
        try:
            at = among.index(wanted[0], at + 1)
        except ValueError:
            return tuple(found)
        if among[at : at + len(wanted)] == wanted:
            found.append(at)


def _replaced(data: bytes, blocks: Sequence[_Block]) -> bytes:
    """The copy with all changes made, the last first; as it was where that is not sure to work.

    That is where a change has several places, or leans on names that only the changed file has.
    """
    text = _text(data)
    places = [(_find(each.old, text.words), each) for each in blocks]
    if any(len(found) != 1 for found, _ in places) or _leaning(text, blocks):
        return data
    lines = list(text.lines)
    for (place,), each in sorted(places, key=lambda pair: pair[0], reverse=True):
        first = place + each.lead
        begin = text.numbers[first] if first < len(text.numbers) else len(lines)
        end = text.numbers[first + each.count - 1] + 1 if each.count else begin
        indent = _indent(text, min(first, len(text.words) - 1))
        lines[begin:end] = [_indented(line, each.indent, indent) for line in each.added]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _nearest(blocks: Sequence[_Block]) -> list[_Block]:
    """The changes of the one changed file that the copy has most of in common: of others they would come twice."""
    counts = Counter(each.path for each in blocks)
    best = min(counts, key=lambda path: (-counts[path], path))
    return [each for each in blocks if each.path == best]


def _leaning(text: _Text, blocks: Sequence[_Block]) -> frozenset[str]:
    """Names in the new lines that the changed file declares and the copy would not."""
    added = "\n".join(line for each in blocks for line in each.added)
    known = {*_NAME.findall("\n".join(text.lines)), *_names(added)}
    declared = frozenset(name for each in blocks for name in each.declared)
    return (frozenset(_NAME.findall(added)) & declared) - known


def _indented(line: str, before: str, after: str) -> str:
    return after + line.removeprefix(before) if line.startswith(before) else line
