"""A bench that remembers: the same tests on the same tree in the same environment are run once per repetition."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from avr.ecosystems.interface import Bench, Equipment, Observer, TestRequest, Watch
from avr.model.behaviour import Observation
from avr.model.evidence import TestRun
from avr.model.identifiers import Digest
from avr.model.source import SourceTree
from avr.tools import documents

SCHEMA = "avr.test-run/1"
OBSERVATION = "avr.observation/1"


class CachedBench:
    """Wraps a bench; results are kept in `folder` by the digest of everything that can influence them.

    The n-th identical request of one bench has the n-th cache entry, so that repetitions which look for flaky tests
    are real repetitions. Runs with a problem (the time limit, a crash) are not kept: next time they may end.
    """

    def __init__(self, inner: Bench, folder: Path, runner: str = "") -> None:
        """`runner` tells how tests are run here, such as the digest of the code that does it."""
        self._inner = inner
        self._folder = folder
        self._runner = runner
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def facts(self) -> Mapping[str, str]:
        """The wrapped bench's facts."""
        return self._inner.facts

    @property
    def problem(self) -> str | None:
        """The wrapped bench's problem."""
        return self._inner.problem

    def equipment(self, tree: SourceTree, tests: Mapping[str, bytes]) -> Equipment | None:
        """The wrapped bench's equipment."""
        return self._inner.equipment(tree, tests)

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """The remembered run, or a real one."""
        path = self._folder / f"{self._key(tree, tests, request)}.json"
        if path.exists():
            return documents.read(path, SCHEMA, TestRun)
        run = self._inner.run(tree, tests, request)
        if run.exit_code is not None and not run.problem:
            path.parent.mkdir(parents=True, exist_ok=True)
            documents.write(path, SCHEMA, run)
        return run

    def observe(self, watch: Watch) -> Observation:
        """The remembered observation, or a real one where the wrapped bench can watch."""
        if not isinstance(self._inner, Observer):
            return Observation(problem="this bench cannot watch behaviour")
        path = self._folder / f"{self._watch_key(watch)}.json"
        if path.exists():
            return documents.read(path, OBSERVATION, Observation)
        seen = self._inner.observe(watch)
        if not seen.problem and not seen.cut_short:
            path.parent.mkdir(parents=True, exist_ok=True)
            documents.write(path, OBSERVATION, seen)
        return seen

    def _watch_key(self, watch: Watch) -> Digest:
        parts = [
            "observation",
            self._runner,
            dict(self.facts),
            tree_digest(watch.pinned),
            tree_digest(watch.patched),
            _digests(watch.tests),
            [each.digest for each in watch.exploits],
            watch.seconds,
            watch.fixed.version if watch.fixed else "",
        ]
        return Digest(hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest())

    def _key(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> Digest:
        parts = [
            self._runner,
            dict(self.facts),
            tree_digest(tree),
            _digests(tests),
            list(request.paths),
            request.seconds,
            request.test_seconds,
            *([["apart", *request.changed]] if request.apart else []),
            *([["only", *request.only]] if request.only else []),
            *([["exploit", request.exploit.digest]] if request.exploit else []),
        ]
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        with self._lock:
            self._seen[key] += 1
            return Digest(f"{key}-{self._seen[key]}")


def tree_digest(tree: SourceTree) -> Digest:
    """The digest of all paths and contents of a tree."""
    listing = json.dumps([_digests(tree.files), sorted(tree.executable)], sort_keys=True)
    return Digest(hashlib.sha256(listing.encode()).hexdigest())


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
