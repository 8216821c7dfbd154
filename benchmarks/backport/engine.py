"""Our engine on one task: it sees the base and upstream's change, both read from git when asked for, nothing else."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from avr.cli.main import collect_rarely
from avr.ecosystems.pypi.declared import lowest_runtime
from avr.model.backport import Backport, HunkStatus
from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import AdvisoryId, CommitId
from avr.model.source import SourceTree
from avr.stages.patch.ladder import backport
from avr.stages.plan.changeset import between
from avr.tools.git import Repository
from avr.tools.git_blobs import BlobReader
from avr.tools.git_own import lazy_tree
from benchmarks.backport.attempt import Attempt, Placed, PlacedHunk
from benchmarks.backport.cases import Task

NAME = "avr"
SECONDS = 300
"""After this long the engine is stopped: the case counts as crashed."""


class EngineTimeoutError(Exception):
    """The engine took longer than `SECONDS`."""


class WatchedReader(BlobReader):
    """A reader that remembers which blobs it was asked for and how long answering took, in seconds."""

    def __init__(self, repository: Repository) -> None:
        super().__init__(repository)
        self.asked: set[str] = set()
        self.seconds = 0.0
        self.cpu = 0.0

    def read(self, blob: str) -> bytes:
        """The content of the blob with this id."""
        start, cpu = time.perf_counter(), time.process_time()
        try:
            return super().read(blob)
        finally:
            self.asked.add(blob)
            self.seconds += time.perf_counter() - start
            self.cpu += time.process_time() - cpu


def run_engine(task: Task) -> Attempt:
    """Carry the fix of a task onto its base; listing trees and reading contents is timed apart from the engine."""
    began = time.perf_counter()
    with WatchedReader(task.repository) as reader:
        fix = fix_of(task)
        pinned = lazy_tree(task.repository, task.base, reader)
        upstream = lazy_tree(task.repository, task.source_parent, reader)
        minimum = lowest_runtime(pinned)
        reading, waited, worked = time.perf_counter() - began, reader.seconds, reader.cpu
        start, cpu = time.perf_counter(), time.process_time()
        try:
            with _limit(SECONDS):
                done = backport(pinned, [(AdvisoryId("BENCH-1"), fix)], pinned, upstream=upstream, minimum=minimum)
        except Exception as error:  # noqa: BLE001 - whatever it is, the case is lost and the others go on
            return _crashed(reader, error, time.perf_counter() - start, reading)
        waited, worked = reader.seconds - waited, reader.cpu - worked
        attempt = _attempt(done, time.perf_counter() - start - waited, time.process_time() - cpu - worked)
        return replace(attempt, reading=reading + waited, asked=frozenset(reader.asked))


def fix_of(task: Task) -> Fix:
    """Upstream's change as the planner would hand it over, its files divided into code and tests as the case says."""
    files = between(task.repository, task.source_parent, task.source_commit, ())
    return Fix(
        advisory=AdvisoryId("BENCH-1"),
        route=FixRoute.COMMIT,
        files=tuple(_of_kind(task, each) for each in files),
        confidence=1.0,
        reasons=("the benchmark names it",),
        commits=(CommitId(task.source_commit),),
    )


def warm_up() -> None:
    """Load what the engine loads when it is first used, so that no case pays for it, and be as the command is."""
    before, after = b"def a(b):\n    return b\n", b"def a(b):\n    return b + 1\n"
    changes = [
        FileChange(path_before=path, path_after=path, before=before, after=after, kind=ChangeKind.CODE)
        for path in ("a.py", "a.js", "a.ts", "a.java")
    ]
    route = FixRoute.COMMIT
    fix = Fix(advisory=AdvisoryId("B"), route=route, files=tuple(changes), confidence=1.0, reasons=())
    pin = SourceTree(files={each.path: b"def a( b ):\n  return (b)\n" for each in changes})
    backport(pin, [(AdvisoryId("B"), fix)], pin)
    collect_rarely()


def _of_kind(task: Task, change: FileChange) -> FileChange:
    names = {change.path_before, change.path_after}
    if names & set(task.code):
        return replace(change, kind=ChangeKind.CODE)
    return replace(change, kind=ChangeKind.TEST if names & set(task.tests) else ChangeKind.DOCS)


def _attempt(done: Backport, seconds: float, cpu: float) -> Attempt:
    (ported,) = done.ported
    changes = {path: done.patched.get(path) for path in done.changed_paths}
    hunks = tuple(
        PlacedHunk(
            path=hunk.path,
            start=hunk.start,
            status=hunk.status,
            rung=hunk.rung or "",
            target=hunk.target or "",
            line=hunk.line or 0,
            tried=hunk.tried,
        )
        for hunk in ported.hunks
        if hunk.kind is ChangeKind.CODE
    )
    tests = [hunk.status is not HunkStatus.UNPLACED for hunk in ported.hunks if hunk.kind is ChangeKind.TEST]
    placed: Placed = "complete" if ported.complete else "partial" if changes else "none"
    return Attempt(
        tool=NAME,
        placed=placed,
        changes=changes,
        seconds=seconds,
        cpu=cpu,
        hunks=hunks,
        tests=(sum(tests), len(tests)),
    )


def _crashed(reader: WatchedReader, error: Exception, seconds: float, reading: float) -> Attempt:
    why = f"{type(error).__name__}: {error}"[:300]
    return Attempt(
        tool=NAME,
        placed="crashed",
        changes={},
        seconds=seconds,
        cpu=seconds,
        reading=reading,
        why=why,
        asked=frozenset(reader.asked),
    )


@contextmanager
def _limit(seconds: int) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise EngineTimeoutError(f"not ended within {seconds} s (signal {number}, {frame is not None})")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
