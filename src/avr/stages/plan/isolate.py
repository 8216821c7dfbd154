"""Isolates the security change from the difference of two releases. Pure.

Hunks are clustered by the definition around them and by the new names they share, scored by their overlap with the
clues, and taken with everything that they lean on. This is done only where the changelog cites the advisory; else a
difference of moderate size is kept whole: leaving a part of a fix out is worse than carrying a line too many.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from avr.model.fix import ChangeKind, FileChange
from avr.model.source import SourceTree
from avr.stages.plan.clues import Clues, is_security_text, words_of
from avr.stages.plan.kinds import classify
from avr.stages.plan.lines import Hunk, carries, hunks, meaningful, text_lines

SMALL = 60
"""A difference of at most so many changed lines of code is kept whole."""
LARGE = 400
"""Up to so many lines the whole is kept where nobody says which part is the fix; beyond, nothing is proposed."""
_NAME = re.compile(r"[A-Za-z_]\w{2,}")
_NEW_NAME = re.compile(r"(?:def|class)\s+(\w+)|^\s*(?:self\.)?([A-Za-z_]\w*)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
_IMPORT = re.compile(r"^\s*(?:from\s+\S+\s+)?import\s|^\s*from\s+\S+\s+import")


_MINIFIED = re.compile(r"[.-]min(?=\.[cm]?js\Z)")
"""A file that is minified beside its original goes along whole, and its lines say nothing of the change's size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolated:
    """The isolated change: code hunks alone, whole test files, how sure, and why."""

    files: tuple[FileChange, ...]
    confidence: float
    reasons: tuple[str, ...]
    mixed: bool = False
    """Whether other work of the release is in it, not told apart from the security change."""


def isolate(before: SourceTree, after: SourceTree, found: Clues, packages: Collection[str]) -> Isolated | None:
    """The security change between two releases, or None where nothing points at it."""
    changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    kinds = {path: classify(path, packages) for path in changed}
    shipped = [path for path in changed if kinds[path] is ChangeKind.CODE and _source(path)]
    made = [path for path in shipped if _MINIFIED.sub("", path) != path and _MINIFIED.sub("", path) in shipped]
    code = [path for path in shipped if path not in made]
    candidates = [hunk for path in code for hunk in hunks(path, before.get(path), after.get(path)) if carries(hunk)]
    beside = tuple(_whole(path, before, after, ChangeKind.TEST) for path in changed if kinds[path] is ChangeKind.TEST)
    beside += tuple(_whole(path, before, after, ChangeKind.CODE) for path in made)
    if not candidates:
        return None
    size = sum(len(meaningful(hunk.removed)) + len(meaningful(hunk.added)) for hunk in candidates)
    if size <= SMALL:
        files = tuple(_whole(path, before, after, ChangeKind.CODE) for path in code)
        reason = f"the whole difference is only {size} changed lines of code"
        return Isolated(files=(*files, *beside), confidence=0.6 if size <= SMALL // 2 else 0.5, reasons=(reason,))
    chosen = _chosen(candidates, _scores(candidates, found)) if found.exact else []
    known = {name for path in code for name in _NAME.findall((before.get(path) or b"").decode("latin-1"))}
    chosen = _with_what_it_needs(chosen, candidates, known)
    taken = sum(len(meaningful(hunk.removed)) + len(meaningful(hunk.added)) for hunk in chosen)
    if not chosen or taken > size / 2:  # a guess that leaves the fix out is worse than none
        return None if size > LARGE else _everything(code, beside, before, after, size)
    kept = tuple(_partly(path, [hunk for hunk in chosen if hunk.path == path], before, after) for path in code)
    files = tuple(change for change in kept if change is not None)
    reasons = (
        f"{taken} of {size} changed lines of code were taken for the security change",
        "the changelog cites the advisory",
        f"places: {', '.join(sorted({'.'.join(hunk.scope) or hunk.path for hunk in chosen})[:8])}",
    )
    return Isolated(files=(*files, *beside), confidence=0.45, reasons=reasons)


def _source(path: str) -> bool:
    return "/" in path or path.endswith((".py", ".js", ".cjs", ".mjs"))


def _everything(
    code: Sequence[str], beside: tuple[FileChange, ...], before: SourceTree, after: SourceTree, size: int
) -> Isolated:
    files = tuple(_whole(path, before, after, ChangeKind.CODE) for path in code)
    reason = f"nothing tells the fix from the rest, so all {size} changed lines of code are kept"
    return Isolated(files=(*files, *beside), confidence=0.15, reasons=(reason,), mixed=True)


def _scores(candidates: Sequence[Hunk], found: Clues) -> dict[Hunk, float]:
    """Points by clue; a word that many hunks hold says little about any of them."""
    own = {hunk: _words(hunk) for hunk in candidates}
    spread = Counter(word for words in own.values() for word in words)
    names = {name.lower() for name in found.names}
    tested = {name.lower() for name in found.tested}
    return {hunk: _score(hunk, own[hunk], spread, names, tested, found, len(candidates)) for hunk in candidates}


def _score(
    hunk: Hunk,
    own: frozenset[str],
    spread: Mapping[str, int],
    names: Collection[str],
    tested: Collection[str],
    found: Clues,
    total: int,
) -> float:
    def rare(words: Collection[str]) -> float:
        return sum(1 - spread[word] / (total + 1) for word in words)

    points = min(4.0, 2.0 * rare(own & set(names)))
    points += min(2.0, 0.6 * rare(own & found.words))
    points += min(1.5, 0.3 * rare(own & set(tested)))
    if is_security_text("".join(hunk.added)) and not is_security_text("".join(hunk.removed)):
        points += 1.0
    return points


def _chosen(candidates: Sequence[Hunk], scores: Mapping[Hunk, float]) -> list[Hunk]:
    """Whole clusters (one definition of one file) whose best hunk scores near the top."""
    best: dict[tuple[str, tuple[str, ...]], float] = {}
    for hunk in candidates:
        best[_cluster(hunk)] = max(best.get(_cluster(hunk), 0.0), scores[hunk])
    top = max(best.values(), default=0.0)
    if top < 1.0:
        return []
    return [hunk for hunk in candidates if best[_cluster(hunk)] >= max(0.8, 0.25 * top)]


def _cluster(hunk: Hunk) -> tuple[str, tuple[str, ...]]:
    return hunk.path, hunk.scope or (str(hunk.start),)


def _with_what_it_needs(chosen: list[Hunk], candidates: Sequence[Hunk], known: Collection[str]) -> list[Hunk]:
    """Adds hunks that share names with the chosen ones which no code of the older release knows, and their imports."""
    fresh = {hunk: _names(hunk.added) - set(known) for hunk in candidates}
    imports = {hunk: _imported(hunk) for hunk in candidates}
    defined = {hunk: fresh[hunk] & _defines(hunk) for hunk in candidates}
    kept = set(chosen)
    for _ in range(4):
        wanted = {name for hunk in kept for name in fresh[hunk]}
        offered = {name for hunk in kept for name in defined[hunk]}
        used = {(hunk.path, name) for hunk in kept for name in _names(hunk.added)}
        more = {
            hunk
            for hunk in candidates
            if hunk not in kept
            and (
                defined[hunk] & wanted
                or fresh[hunk] & offered
                or any((hunk.path, name) in used for name in imports[hunk])
            )
        }
        if not more:
            break
        kept |= more
    return [hunk for hunk in candidates if hunk in kept]


def _names(lines: Sequence[str]) -> set[str]:
    return set(_NAME.findall("".join(lines)))


def _defines(hunk: Hunk) -> set[str]:
    return {name for pair in _NEW_NAME.findall("".join(hunk.added)) for name in pair if name}


def _imported(hunk: Hunk) -> set[str]:
    """Names that a hunk's new import lines bring into the file."""
    lines = [line.partition("import")[2] for line in hunk.added if _IMPORT.match(line)]
    return _names(lines) - _names(hunk.removed)


def _words(hunk: Hunk) -> frozenset[str]:
    module = hunk.path.rpartition("/")[2].partition(".")[0]
    return words_of(" ".join((*hunk.scope, module, *hunk.removed, *hunk.added)))


def _whole(path: str, before: SourceTree, after: SourceTree, kind: ChangeKind) -> FileChange:
    old, new = before.get(path), after.get(path)
    return FileChange(
        path_before=path if old is not None else None,
        path_after=path if new is not None else None,
        before=old,
        after=new,
        kind=kind,
    )


def _partly(path: str, chosen: Sequence[Hunk], before: SourceTree, after: SourceTree) -> FileChange | None:
    """The file with the chosen hunks alone; a new or deleted file is taken whole."""
    if not chosen:
        return None
    old = before.get(path)
    if old is None or path not in after:
        return _whole(path, before, after, ChangeKind.CODE)
    new = "".join(_applied(text_lines(old), chosen)).encode("latin-1")
    return FileChange(path_before=path, path_after=path, before=old, after=new, kind=ChangeKind.CODE)


def _applied(lines: Sequence[str], chosen: Sequence[Hunk]) -> Iterator[str]:
    at = 0
    for hunk in chosen:
        yield from lines[at : hunk.start]
        yield from hunk.added
        at = hunk.end
    yield from lines[at:]
