"""A suite that does not end as a whole, run in pieces: a file that hangs or dies costs only itself, and is named.

Pieces that concern the change come first; the others follow by path while time is left. What was chosen and what ended
is settled on the unpatched pin; later runs are given the pieces that ended there.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from avr.ecosystems.pypi import suite
from avr.model.evidence import NOT_REACHED, TestRun, TestStatus
from avr.model.identifiers import Digest
from avr.model.source import SourceTree
from avr.tools.blobs import BlobStore

_CHUNKS = 24
"""Into how many groups a suite is cut; each costs one start of the runner."""
_SHARE = 6
"""Which part of the whole time one group, or one piece alone, may take."""
_SHORTEST = 60
_ENOUGH = 4
"""One part in so many has to end, or the run says too little about the suite."""
_AT_ONCE = 2
"""Groups at work side by side, each in a sandbox of its own."""
_WORST_LAST = (TestStatus.PASSED, TestStatus.SKIPPED, TestStatus.FAILED, TestStatus.ERROR)

RunPieces = Callable[[tuple[str, ...], int], TestRun]
"""Runs some pieces together within a number of seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The parts of a suite that can run apart: first those that concern the change, which all have to be reached."""

    concerned: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every piece in its order."""
        return (*self.concerned, *self.others)


def order(tree: SourceTree, pieces: Sequence[str], changed: Sequence[str]) -> Pieces:
    """Sort the pieces: those that hold a changed file, or whose text names a changed module, and the rest.

    A module is named by its dotted name, or by that of a nested package which itself names the module, since packages
    hand on what their modules define.
    """
    pattern = _mention(tree, changed)
    concerned = [each for each in pieces if any(_concerns(tree, path, changed, pattern) for path in _under(tree, each))]
    return Pieces(concerned=tuple(concerned), others=tuple(each for each in pieces if each not in concerned))


def run(run_pieces: RunPieces, pieces: Pieces, seconds: int, blobs: BlobStore) -> TestRun:
    """Run group after group within `seconds`; a group that a limit ends is run again piece by piece.

    The result names the pieces that ended (`parts`) and those that did not with the reason (`left_out`). Where time
    was too short for a concerned piece, none of them ended, or hardly any piece did, the run has the problem `timeout`
    and no exit code.
    """
    work = _Work(run_pieces=run_pieces, until=time.monotonic() + seconds, most=max(_SHORTEST, seconds // _SHARE))
    size = max(1, -(-len(pieces.all) // _CHUNKS))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(work.take, (*_groups(pieces.concerned, size), *_groups(pieces.others, size))))
    return replace(work.whole(pieces), log=blobs.put(b"".join(blobs.get(each) for each in work.logs)))


@dataclass(slots=True)
class _Work:
    run_pieces: RunPieces
    until: float
    most: int
    runs: list[TestRun] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    logs: list[Digest] = field(default_factory=list)

    def take(self, group: tuple[str, ...]) -> None:
        """Run a group, then its pieces alone where a limit or a crash took its results."""
        left = int(self.until - time.monotonic())
        if left < 1:
            self.left_out |= dict.fromkeys(group, NOT_REACHED)
            return
        done = self.run_pieces(group, min(left, self.most))
        self.logs += [done.log] if done.log else []
        if not broken(done):
            self.runs.append(done)
            self.parts += group
        elif len(group) > 1:
            for each in group:
                self.take((each,))
        else:
            cut = done.problem == "timeout" and left < self.most
            self.left_out[group[0]] = NOT_REACHED if cut else done.problem

    def enough(self, pieces: Pieces) -> bool:
        """Whether what ended says something about the change: see `run`."""
        reached = all(self.left_out.get(each) != NOT_REACHED for each in pieces.concerned)
        some = not pieces.concerned or not set(pieces.concerned).isdisjoint(self.parts)
        return reached and some and bool(self.parts) and len(self.parts) * _ENOUGH >= len(pieces.all)

    def whole(self, pieces: Pieces) -> TestRun:
        """All runs as one."""
        results: dict[str, TestStatus] = {}
        for each in self.runs:
            for test, status in each.results.items():
                results[test] = max(results.get(test, status), status, key=_WORST_LAST.index)
        enough = self.enough(pieces)
        return TestRun(
            command=self.runs[0].command if self.runs else (),
            results=results,
            exit_code=max(each.exit_code or 0 for each in self.runs) if enough else None,
            seconds=round(sum(each.seconds for each in self.runs), 3),
            problem="" if enough else "timeout",
            parts=tuple(each for each in pieces.all if each in self.parts),
            left_out=dict(sorted(self.left_out.items())),
        )


def broken(done: TestRun) -> bool:
    """Whether a limit or a crash took the results of a run."""
    return done.problem in {"timeout", "memory", "disk"} or done.problem.startswith("crash")


def _groups(pieces: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(pieces), size):
        yield pieces[start : start + size]


def _under(tree: SourceTree, piece: str) -> Iterator[str]:
    if piece in tree:
        yield piece
        return
    yield from (path for path in tree if path.startswith(f"{piece}/") and path.endswith(".py"))


def _concerns(tree: SourceTree, path: str, changed: Sequence[str], pattern: "re.Pattern[str] | None") -> bool:
    if path in changed:
        return True
    return pattern is not None and pattern.search((tree.get(path) or b"").decode("utf-8", "replace")) is not None


def _mention(tree: SourceTree, changed: Sequence[str]) -> "re.Pattern[str] | None":
    names = sorted({name for path in changed for name in _names(tree, path)})
    if not names:
        return None
    return re.compile("|".join(rf"\b{each}\b" for each in names))


def _names(tree: SourceTree, path: str) -> Iterator[str]:
    """Patterns for what a test writes to get at the code in `path`."""
    parts = _dotted(tree, path)
    if not parts:
        return
    yield re.escape(".".join(parts))
    package, stem = parts[:-1], parts[-1]
    if package:
        yield rf"from {re.escape('.'.join(package))} import [^\n]*\b{re.escape(stem)}"
    above = tree.get(str(PurePosixPath(path).parent / "__init__.py")) or b""
    if len(package) > 1 and re.search(rf"\b{re.escape(stem)}\b".encode(), above):
        yield rf"from {re.escape('.'.join(package))} import"


def _dotted(tree: SourceTree, path: str) -> tuple[str, ...]:
    for root in sorted(suite.layout(tree).roots, key=len, reverse=True):
        inner = path.removeprefix(f"{root}/") if root else path
        if inner.endswith(".py") and (not root or path.startswith(f"{root}/")):
            parts = inner.removesuffix(".py").removesuffix("/__init__").split("/")
            return tuple(parts) if all(each.isidentifier() for each in parts) else ()
    return ()
