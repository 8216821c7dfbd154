"""The parts of a backport, each with what the file is without it: read from the trees, not from labels. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avr.model.source import SourceTree
from avr.stages.validate.necessity.meaning import meaning, parsed
from avr.tools.diff import Edit, edits


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One part of the difference between the pinned and the patched tree.

    `first` and `last` are its lines in the patched file, from 1; a pure removal has `last` below `first`. `without` is
    the patched file without this part, None where the file itself is the part and was not there before.
    """

    path: str
    first: int
    last: int
    lines: frozenset[int]
    """The lines of the patched file that the part adds or changes."""
    without: bytes | None

    @property
    def name(self) -> str:
        """Path and lines as a reader looks them up in the patched file."""
        if self.last <= self.first:
            return f"{self.path}:{self.first}"
        return f"{self.path}:{self.first}-{self.last}"


def pieces(pinned: SourceTree, patched: SourceTree) -> tuple[Piece, ...]:
    """All parts of the difference that can be taken away one by one; what changes no meaning is no part.

    Changes with nothing but blank lines between them are one part, and so are changes that cannot be parsed apart.
    """
    return tuple(each for path in pinned.differing(patched) for each in _of_file(path, pinned, patched))


def _of_file(path: str, pinned: SourceTree, patched: SourceTree) -> Iterator[Piece]:
    before, after = pinned.get(path), patched.get(path)
    if before is None or after is None or b"\0" in before + after:
        count = len((after or b"").splitlines())
        yield Piece(path=path, first=1, last=count, lines=frozenset(range(1, count + 1)), without=before)
        return
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    is_python = path.endswith(".py") and parsed(after) is not None
    for group in _apart(old, new, is_python=is_python):
        without = _reverted(old, new, group)
        if not is_python or meaning(without) != meaning(after):
            yield _piece(path, group, without)


def _piece(path: str, group: Sequence[Edit], without: bytes) -> Piece:
    lines = frozenset(line for each in group for line in range(each.b0 + 1, each.b1 + 1))
    return Piece(path=path, first=group[0].b0 + 1, last=group[-1].b1, lines=lines, without=without)


def _apart(old: list[bytes], new: list[bytes], *, is_python: bool) -> list[list[Edit]]:
    """Groups of edits, as small as can be taken back with the file still parsing."""
    groups = _near(edits(old, new), new)
    at = 0
    while is_python and at < len(groups) and len(groups) > 1:
        if parsed(_reverted(old, new, groups[at])) is not None:
            at += 1
            continue
        other = at + 1 if at + 1 < len(groups) else at - 1
        low = min(at, other)
        groups[low : low + 2] = [[*groups[low], *groups[low + 1]]]
        at = low
    return groups


def _near(found: Sequence[Edit], new: list[bytes]) -> list[list[Edit]]:
    groups: list[list[Edit]] = []
    for each in found:
        if groups and not b"".join(new[groups[-1][-1].b1 : each.b0]).strip():
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _reverted(old: list[bytes], new: list[bytes], group: Sequence[Edit]) -> bytes:
    """The new lines with the edits of a group taken back."""
    parts: list[bytes] = []
    at = 0
    for each in group:
        parts += [*new[at : each.b0], *old[each.a0 : each.a1]]
        at = each.b1
    return b"".join([*parts, *new[at:]])
