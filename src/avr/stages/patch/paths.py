"""Which file of the pin a file of the fix is: the same path, or one with the same end and much the same content."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from avr.model.source import SourceTree
from avr.stages.patch.change import Refusal

_ALIKE = 0.5
"""Share of a file's lines that must stand in the candidate too."""
_ALIKE_ELSEWHERE = 0.7
"""The same where not even the name agrees."""
_PROBES, _HELD = 12, 4
"""Of a file's longest lines so many are looked for, and so many must be there for the others to be compared."""
_AHEAD = 0.15
"""How much more alike than the second best a candidate must be."""


def find_file(tree: SourceTree, path: str, before: bytes) -> str | Refusal:
    """The path in `tree` of the file that upstream has at `path` with the content `before`.

    Layouts differ: a source distribution without `src/`, a package folder that moved, a part of a monorepo. Two
    candidates that are equally good are refused.
    """
    if path in tree:
        return path
    lines = _lines(before)
    name = PurePosixPath(path).name
    named = [each for each in tree if each == name or each.endswith(f"/{name}")]
    alike = [each for each in _ranked(tree, path, lines, named) if each.share >= _ALIKE]
    if not alike:
        suffix = PurePosixPath(path).suffix
        known = set(named)
        others = [each for each in tree if each.endswith(suffix) and each not in known]
        others = others if suffix else [each for each in others if not PurePosixPath(each).suffix]
        others = _promising(tree, others, lines)
        alike = [each for each in _ranked(tree, path, lines, others) if each.share >= _ALIKE_ELSEWHERE]
    if not alike:
        return Refusal(reason=f"the pin has no file like {path!r}")
    best = alike[0]
    rivals = [each for each in alike[1:] if each.suffix == best.suffix and each.share > best.share - _AHEAD]
    if rivals:
        return Refusal(reason=f"{path!r} could be {best.path!r} or {rivals[0].path!r}")
    return best.path


def place_file(tree: SourceTree, path: str, found: Mapping[str, str]) -> str:
    """Where a new file goes: beside where its siblings went, by `found` (upstream's paths to the pin's)."""
    folder, name = PurePosixPath(path).parent, PurePosixPath(path).name
    folders = _folders(tree)
    if str(folder) in folders:
        return path
    for ancestor in (folder, *folder.parents):
        went = Counter(PurePosixPath(new).parent for old, new in found.items() if PurePosixPath(old).parent == ancestor)
        if went:
            return str(went.most_common(1)[0][0] / folder.relative_to(ancestor) / name)
    for skipped in range(1, len(folder.parts)):
        shorter = PurePosixPath(*folder.parts[skipped:])
        if str(shorter) in folders:
            return str(shorter / name)
    return path


def _folders(tree: Iterable[str]) -> set[str]:
    """Every folder of a tree; the top one is `.`."""
    found = {"."}
    for each in tree:
        folder = each.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


@dataclass(frozen=True, slots=True)
class _Candidate:
    path: str
    suffix: int
    share: float


def _ranked(tree: SourceTree, path: str, lines: Counter[bytes], paths: Iterable[str]) -> list[_Candidate]:
    found = [_Candidate(each, _common_suffix(path, each), _share(lines, tree.files[each])) for each in paths]
    return sorted(found, key=lambda each: (-each.suffix, -each.share, each.path))


def _promising(tree: SourceTree, paths: Iterable[str], lines: Counter[bytes]) -> list[str]:
    """The files that hold some of the longest lines: a cheap look, so that a large tree can be looked through."""
    longest = sorted(lines, key=lambda line: (-len(line), line))[:_PROBES]
    least = min(len(longest), _HELD)
    return [path for path in paths if sum(line in tree.files[path] for line in longest) >= least]


def _common_suffix(one: str, two: str) -> int:
    count = 0
    for left, right in zip(reversed(one.split("/")), reversed(two.split("/")), strict=False):
        if left != right:
            break
        count += 1
    return count


def _share(lines: Counter[bytes], content: bytes) -> float:
    total = lines.total()
    return (lines & _lines(content)).total() / total if total else 0.0


def _lines(content: bytes) -> Counter[bytes]:
    stripped = (line.strip() for line in content.splitlines())
    return Counter(line for line in stripped if len(line) > 3)
