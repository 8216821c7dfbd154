"""One run of tests in the sandbox: the package's own runner over a private copy of the tree, its results by report.

Inside, the tree is at `/tmp/tree` and the dependencies are at `/tmp/node_modules`, where node looks next.
"""

import json
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from avr.ecosystems import junit
from avr.ecosystems.npm import needs, reports
from avr.ecosystems.npm.environment import Environment
from avr.ecosystems.npm.suite import Kind, Suite
from avr.model.evidence import TestRun
from avr.model.source import SourceTree
from avr.tools import leftovers, sandbox
from avr.tools.archives import write_tree
from avr.tools.blobs import BlobStore
from avr.tools.sandbox import Command, Completed, Mount

TREE = "/tmp/tree"  # noqa: S108 - the sandbox's own /tmp
_MODULES = "/opt/env/node_modules"
_NODE = "/opt/node"
_ENTER = f"cp -r /given/. {TREE} && ln -s {_MODULES} /tmp/node_modules && mkdir -p /tmp/home && cd {TREE} && "
_EACH = (
    'n=0; worst=0; for f in "$@"; do n=$((n+1)); timeout -k 5 {seconds} {command} > /tmp/said; code=$?;'
    " echo $code > /results/$n.code; cat /tmp/said; {keep} [ $code -gt $worst ] && worst=$code; done; exit $worst"
)
_KEEP = "cp /tmp/said /results/$n.tap;"
_WHOLE = frozenset({Kind.JEST, Kind.VITEST})
"""Runners that name the file of each result themselves; the others run file by file."""
_BY_TAP = frozenset({Kind.TAPE, Kind.TAP, Kind.AVA})
_FILE_TIMES = 5
"""How many tests' time a file may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may spend, in seconds and bytes."""

    seconds: int
    test_seconds: int
    memory: int
    disk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs a suite in one environment by one node."""

    environment: Environment
    suite: Suite
    node: Path
    blobs: BlobStore

    def run(self, tree: SourceTree, paths: tuple[str, ...], limits: Limits) -> TestRun:
        """Run the tests at `paths` (empty: the whole suite); a crash or a limit is the run's problem."""
        files = paths or self.suite.paths
        script = self._as_a_whole(paths) if self.suite.kind in _WHOLE else self._by_file(files, limits)
        with tempfile.TemporaryDirectory(prefix="avr-run-", ignore_cleanup_errors=True) as scratch:
            folder = Path(scratch)
            done = self._sandboxed(tree, script, limits, folder)
            results = None if done.exit_code is None else self._results(folder / "results", files)
        return TestRun(
            command=(self.suite.kind.value, *files),
            results=dict(results or {}),
            exit_code=done.exit_code,
            seconds=round(done.seconds, 3),
            log=self.blobs.put(done.output),
            problem=_problem(done, results),
        )

    def _sandboxed(self, tree: SourceTree, script: str, limits: Limits, scratch: Path) -> Completed:
        given, results = scratch / "given", scratch / "results"
        write_tree(tree, given)
        results.mkdir(mode=0o700)
        prefix = self.node.parents[1]
        own = () if prefix == Path("/usr") else (Mount(source=prefix, target=_NODE),)
        command = Command(
            argv=("/bin/sh", "-c", script),
            mounts=(
                *own,
                Mount(source=self.environment.folder / "node_modules", target=_MODULES),
                Mount(source=given, target="/given"),
                Mount(source=results, target="/results", writable=True),
            ),
            env={"TZ": "UTC", "LC_ALL": "C.UTF-8", "NODE_ENV": "test", "CI": "true", "HOME": "/tmp/home"},  # noqa: S108
            seconds=limits.seconds,
            memory=limits.memory,
            disk=limits.disk,
            processes=512,
        )
        return sandbox.run(command)

    @property
    def _program(self) -> str:
        return str(self.node) if self.node.parents[1] == Path("/usr") else f"{_NODE}/bin/{self.node.name}"

    def _by_file(self, files: tuple[str, ...], limits: Limits) -> str:
        """Each file in a process of its own, in the order of the suite."""
        words = [shlex.quote(each) for each in (self._program, *self._arguments())]
        command = " ".join(words).replace("@REPORT@", "/results/$n.xml") + ' "$f"'
        keep = _KEEP if self.suite.kind in _BY_TAP else ""
        loop = _EACH.format(seconds=_FILE_TIMES * limits.test_seconds, command=command, keep=keep)
        return f"{_ENTER}set -- {' '.join(map(shlex.quote, files))}; {loop}"

    def _as_a_whole(self, paths: tuple[str, ...]) -> str:
        chosen = ("--runTestsByPath", *paths) if paths and self.suite.kind is Kind.JEST else paths or self.suite.paths
        return f"{_ENTER}exec {' '.join(map(shlex.quote, (self._program, *self._arguments(), *chosen)))}"

    def _arguments(self) -> tuple[str, ...]:
        """What node is given before the file; `@REPORT@` stands for the place of the report."""
        kind, own = self.suite.kind, self.suite.options
        if kind is Kind.NODE_TEST:
            return ("--test", "--test-reporter=junit", "--test-reporter-destination=@REPORT@")
        if kind in (Kind.TAPE, Kind.TAP, Kind.PROGRAM):
            return tuple(_required(own))
        program = f"{_MODULES}/{needs.runner(self.suite)}/{self._bin()}"
        if kind is Kind.MOCHA:
            return (program, *own, "--reporter", "xunit", "--reporter-options", "output=@REPORT@", "--no-colors")
        if kind is Kind.AVA:
            return (program, "--tap", *own)
        if kind is Kind.JEST:
            options = ("--ci", "--runInBand", "--watchman=false", "--coverage=false", "--json")
            return (program, *options, "--outputFile=/results/jest.json", *own)
        return (program, "run", "--reporter=junit", "--outputFile=/results/1.xml", *own)

    def _bin(self) -> str:
        """The runner's program as its own manifest names it."""
        name = needs.runner(self.suite)
        said = leftovers.regular(self.environment.folder / "node_modules" / name / "package.json", 1 << 20)
        try:
            content = json.loads(said or b"{}")
        except (ValueError, RecursionError):
            content = {}
        programs = content.get("bin") if isinstance(content, dict) else None
        if isinstance(programs, str):
            return programs.removeprefix("./")
        table = programs if isinstance(programs, dict) else {}
        return str(table.get(f"_{name}") or table.get(name) or f"bin/{name}").removeprefix("./")

    def _results(self, folder: Path, files: tuple[str, ...]) -> reports.Results | None:
        if self.suite.kind is Kind.JEST:
            return reports.of_jest(folder / "jest.json", TREE)
        if self.suite.kind is Kind.VITEST:
            return junit.read(folder / "1.xml")
        found = {file: self._of_file(folder, number, file) for number, file in enumerate(files, 1)}
        return reports.merged(found)

    def _of_file(self, folder: Path, number: int, file: str) -> reports.Results:
        said = leftovers.regular(folder / f"{number}.code", 16)
        code = int(said) if said is not None and said.strip().isdigit() else None
        if self.suite.kind is Kind.PROGRAM:
            return reports.of_program(file, code)
        if self.suite.kind in _BY_TAP:
            return reports.of_tap(folder / f"{number}.tap", file, code)
        return reports.of_junit(folder / f"{number}.xml", file, code)


def _required(options: tuple[str, ...]) -> Iterator[str]:
    """What tape is told to load first, for node itself."""
    waiting = iter(options)
    for each in waiting:
        if each in ("-r", "--require"):
            yield from ("-r", next(waiting, ""))


def _problem(done: Completed, results: Mapping[str, object] | None) -> str:
    if done.problem:
        return done.problem
    if results is None:
        return f"crash: the tests ended with exit code {done.exit_code} and no report"
    return "" if results else "no tests"
