"""Runs the maintainers' tests over a result, in the sandbox and without network; every run is kept by its digest."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import benchmarks.backport.inside
from avr.tools import sandbox
from avr.tools.sandbox import Command, Mount
from benchmarks.backport import django, node
from benchmarks.backport.cases import Case
from benchmarks.backport.trees import check_out, content

_SECONDS = 300
_MAX_RESULTS = 32 << 20
_PREPARE = """set -eu
cp -r --no-dereference /opt/base /tmp/tree
cp -r --no-dereference /opt/over/. /tmp/tree
cd /tmp/tree
while IFS= read -r path; do rm -f -- "$path"; done < /opt/gone
[ ! -d /opt/npm ] || ln -s /opt/npm/node_modules node_modules
exec "$@"
"""

Changes = Mapping[str, bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Executes the tests of cases; what is made once lies below `work`: trees, dependencies, results."""

    work: Path

    def results(self, case: Case, changes: Changes, *, again: int = 0) -> dict[str, bool]:
        """Whether each test passed on base, changes and the maintainers' tests; `again` asks for another run.

        Raises `AvrError` where there is no sandbox, `OSError` or `CalledProcessError` where nothing can be prepared.
        """
        over = {**changes, **self._tests(case)}
        key = hashlib.sha256(f"2 {case.id} {again}".encode())
        for path, data in sorted(over.items()):
            key.update(b"\0%s\0%s" % (path.encode(), b"-" if data is None else hashlib.sha256(data).digest()))
        kept = self.work / "runs" / f"{case.id}-{key.hexdigest()[:32]}.json"
        if kept.is_file():
            return dict(json.loads(kept.read_text(encoding="utf-8")))
        found, ended = self._run(case, over)
        if found or not ended:  # a run of nothing at all is no result to keep
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(found), encoding="utf-8")
        return found

    def forget(self, case: Case) -> None:
        """Remove the tree of a case; its results stay."""
        shutil.rmtree(self._base(case), ignore_errors=True)

    def _base(self, case: Case) -> Path:
        return self.work / "trees" / case.id

    def _tests(self, case: Case) -> Changes:
        target, repository = case.expected.target_commit, case.task.repository
        return {path: None if status == "D" else content(repository, target, path)
                for status, path in case.expected.tests}  # fmt: skip

    def _run(self, case: Case, over: Changes) -> tuple[dict[str, bool], bool]:
        """Results, and whether the suite came to its end."""
        base = self._base(case)
        check_out(case.task.repository, case.task.base, base)
        with tempfile.TemporaryDirectory(prefix="avr-bench-") as name:
            folder = Path(name)
            (folder / "over").mkdir(mode=0o755)
            (folder / "results").mkdir()
            _lay_out(folder, over)
            mounts = (
                Mount(source=base, target="/opt/base"),
                Mount(source=folder / "over", target="/opt/over"),
                Mount(source=folder / "gone", target="/opt/gone"),
                Mount(source=Path(benchmarks.backport.inside.__path__[0]), target="/opt/bench"),
                Mount(source=folder / "results", target="/opt/results", writable=True),
            )
            runnable = case.expected.runnable
            assert runnable is not None
            if runnable.python is None:
                return self._node(case, mounts)
            return self._django(case, runnable.python, mounts, folder / "results" / "results.jsonl")

    def _node(self, case: Case, mounts: tuple[Mount, ...]) -> tuple[dict[str, bool], bool]:
        base = self._base(case)
        modules = node.install(base, self.work / "npm")
        mounts = (*mounts, Mount(source=modules, target="/opt/npm/node_modules"))
        done = sandbox.run(_command(node.command(case), mounts, node.environment(base)))
        self._log(case, done.text)
        return node.results(done.text), not done.problem

    def _django(self, case: Case, python: str, mounts: tuple[Mount, ...], place: Path) -> tuple[dict[str, bool], bool]:
        made = django.Pythons(cache=self.work / "python").environment(python)
        if isinstance(made, str):
            raise OSError(made)
        done = sandbox.run(_command(django.command(case), (*mounts, *made.mounts), django.variables(made)))
        self._log(case, done.text)
        return django.results(_regular(place)), not done.problem

    def _log(self, case: Case, text: str) -> None:
        place = self.work / "logs" / f"{case.id}.log"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def _command(argv: tuple[str, ...], mounts: tuple[Mount, ...], env: Mapping[str, str]) -> Command:
    return Command(
        argv=("sh", "-c", _PREPARE, "run", *argv),
        mounts=mounts,
        env=env,
        seconds=_SECONDS,
        memory=4 << 30,
        disk=2 << 30,
    )


def _lay_out(folder: Path, over: Changes) -> None:
    gone = []
    for path, data in over.items():
        assert ".." not in Path(path).parts, f"{path!r} climbs up"
        assert not path.startswith("/"), f"{path!r} is absolute"
        if data is None:
            gone.append(path)
            continue
        place = folder / "over" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (folder / "gone").write_text("".join(f"{path}\n" for path in gone), encoding="utf-8")
    folder.chmod(0o755)


def _regular(place: Path) -> str:
    """The text of a file that the sandbox left, without following links; empty where there is none."""
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(handle, "rb") as source:
        return source.read(_MAX_RESULTS).decode("utf-8", "replace")
