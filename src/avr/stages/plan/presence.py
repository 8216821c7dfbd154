"""Looks for a fix, and for what it fixes, in a pinned tree: strict on purpose, since ranges and guesses over-claim.

Pure. A line counts as found where it stands alike but for white space and quotes.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from avr.model.fix import ChangeKind, FileChange, Fix
from avr.model.plan import Presence, Strategy
from avr.model.source import SourceTree
from avr.stages.plan.lines import Hunk, carries, hunks, meaningful, normal, substantive, symbols, text_lines

_GAP = 2
"""How many foreign lines may stand between two added lines that the fix brings next to each other."""


def presence(tree: SourceTree, fix: Fix) -> tuple[Presence, Strategy]:
    """What the pin shows of a fix, and what follows from that: BACKPORT wherever there is a doubt.

    ALREADY_FIXED: every hunk's added lines stand in the file, in order and near each other, and the lines that it
    removed are gone. NOT_AFFECTED: no removed line and no name around a changed place is anywhere in the tree.
    """
    changes = [change for change in fix.files if change.kind is ChangeKind.CODE]
    places = {change.path: _place(tree, change) for change in changes}
    missing = tuple(change.path for change in changes if change.before is not None and places[change.path] is None)
    checks = [_check(hunk, tree.get(places[change.path] or "")) for change in changes for hunk in _hunks(change)]
    counted = Presence(
        removed_found=sum(check[0] for check in checks),
        removed_total=sum(check[1] for check in checks),
        added_found=sum(check[2] for check in checks),
        added_total=sum(check[3] for check in checks),
        files_missing=missing,
    )
    if _already(changes, tree, places):
        return _told(counted, "every line that the fix adds is there, every line that it removes is gone"), (
            Strategy.ALREADY_FIXED
        )
    absent = _absent_names(changes, tree)
    if absent:
        words = f"the vulnerable lines and {', '.join(sorted(absent)[:6])} appear nowhere in the source"
        return _told(counted, words), Strategy.NOT_AFFECTED
    return counted, Strategy.BACKPORT


def _told(counted: Presence, detail: str) -> Presence:
    return Presence(
        removed_found=counted.removed_found,
        removed_total=counted.removed_total,
        added_found=counted.added_found,
        added_total=counted.added_total,
        files_missing=counted.files_missing,
        detail=detail,
    )


def _hunks(change: FileChange) -> Iterator[Hunk]:
    return (hunk for hunk in hunks(change.path, change.before, change.after) if carries(hunk))


def _place(tree: SourceTree, change: FileChange) -> str | None:
    """The pin's file for a changed one: the same path, or the only one that ends alike in its last two parts."""
    for path in (change.path_after, change.path_before):
        if path is not None and path in tree:
            return path
    parts = PurePosixPath(change.path).parts
    for count in range(len(parts), 0, -1):
        tail = "/".join(parts[-count:])
        found = [path for path in tree if path.endswith(f"/{tail}") or path == tail]
        if len(found) == 1 and (count > 1 or len(parts) == 1 or parts[-1] != "__init__.py"):
            return found[0]
        if found:
            return None
    return None


def _check(hunk: Hunk, data: bytes | None) -> tuple[int, int, int, int]:
    have = {normal(line) for line in text_lines(data)} if data is not None else set[str]()
    removed, added = meaningful(hunk.removed), meaningful(hunk.added)
    return sum(line in have for line in removed), len(removed), sum(line in have for line in added), len(added)


def _already(changes: Sequence[FileChange], tree: SourceTree, places: dict[str, str | None]) -> bool:
    weighty = 0
    for change in changes:
        data = tree.get(places[change.path] or "")
        if change.after is None:
            if data is not None:
                return False
            continue
        own = list(_hunks(change))
        if data is None or (b"\0" in change.after and data != change.after):
            if own or change.before != change.after:
                return False
            continue
        lines = meaningful(text_lines(data))
        if not all(_holds(lines, hunk) for hunk in own):
            return False
        weighty += sum(len(substantive(hunk.added)) for hunk in own)
    return weighty > 0


def _holds(lines: Sequence[str], hunk: Hunk) -> bool:
    """Whether a file shows a hunk applied."""
    added, removed = meaningful(hunk.added), meaningful(hunk.removed)
    if added and not _near(lines, added):
        return False
    gone = [line for line in substantive(hunk.removed) if line not in set(added)]
    return not gone or (not _block(lines, removed) and not (len(gone) == 1 and gone[0] in lines))


def _near(lines: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether `wanted` appears in order with at most a few foreign lines between neighbours."""
    starts = [at for at, line in enumerate(lines) if line == wanted[0]]
    return any(_follow(lines, start, wanted) for start in starts)


def _follow(lines: Sequence[str], at: int, wanted: Sequence[str]) -> bool:
    for each in wanted[1:]:
        window = lines[at + 1 : at + 2 + _GAP]
        if each not in window:
            return False
        at += 1 + window.index(each)
    return True


def _block(lines: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(list(lines[at : at + len(wanted)]) == list(wanted) for at in range(len(lines) - len(wanted) + 1))


def _absent_names(changes: Sequence[FileChange], tree: SourceTree) -> frozenset[str]:
    """The names around the changed places if none of them, and no removed line, is in the tree; else nothing.

    Every hunk must bring such a name: one line that reads differently proves nothing.
    """
    existing = [change for change in changes if change.before is not None]
    found = [hunk for change in existing for hunk in _hunks(change) if hunk.scope or substantive(hunk.removed)]
    names = [symbols(hunk) for hunk in found]
    if not found or not all(names):
        return frozenset()
    wanted = frozenset(name for each in names for name in each)
    gone = [line for hunk in found for line in substantive(hunk.removed)]
    words = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(wanted)))
    suffixes = {PurePosixPath(change.path).suffix for change in existing}
    for path in tree:
        if PurePosixPath(path).suffix not in suffixes:
            continue
        text = tree.files[path].decode("latin-1")
        flat = normal(text)
        if words.search(text) or any(line in flat for line in gone):
            return frozenset()
    return wanted
