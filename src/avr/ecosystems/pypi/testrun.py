"""One run of tests in the sandbox: pytest, or the project's own script, over a private copy of the tree.

Results are read from JUnit XML, never from the output.
"""

import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from avr.ecosystems import junit
from avr.ecosystems.pypi import canary, ownrunner, suite
from avr.ecosystems.pypi.environment import ENV, Environment
from avr.model.evidence import TestRun, TestStatus
from avr.model.source import SourceTree
from avr.tools import leftovers, sandbox
from avr.tools.archives import write_tree
from avr.tools.blobs import BlobStore
from avr.tools.sandbox import Command, Completed, Mount

TREE = "/tmp/tree"  # noqa: S108 - the sandbox's own /tmp
META = "/opt/meta"
_REPORT = "junit.xml"
_ENTER = 'cp -r /given/. /tmp/tree && mkdir -p /tmp/home && cd {folder} && exec "$@"'
_MISSING = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?")
_COLLECTED = re.compile(r"^(?:[^\s:][^:\n]*::\S.*| *<(?:TestCase)?Function .*>)$", re.MULTILINE)
_OLD_SECTION = re.compile(rb"^\[pytest\]", re.MULTILINE)
_BROKEN = re.compile(r"^(?:ERROR|_+ ERROR collecting) ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may spend, in bytes and seconds; `only` names the functions that pytest shall select."""

    seconds: int
    memory: int
    disk: int
    test_seconds: int = 60
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What pytest found without running it: tests, their files, broken files, missing modules, and the output."""

    tests: int
    files: int
    broken: int
    missing: tuple[str, ...]
    output: bytes

    @property
    def sound(self) -> bool:
        """At least one test was found and at most one file in five is broken."""
        return self.tests > 0 and self.broken * 4 <= self.files


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a program of ours gets besides the tests, and the file that it leaves behind, at most `most` bytes.

    `files` are laid beside the programs of `ownrunner.PROGRAMS` by name.
    """

    files: Mapping[str, bytes]
    result: str
    most: int
    mounts: tuple[Mount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs tests in one environment; `meta` holds the package's metadata and console scripts.

    With a `script` the tests run by that script of the tree, without one by pytest.
    """

    environment: Environment
    meta: Path
    blobs: BlobStore
    script: str = ""

    def run(self, tree: SourceTree, paths: tuple[str, ...], limits: Limits, given: Path | None = None) -> TestRun:
        """Run the tests at `paths` and read the results; a crash or a limit leaves none and is the run's problem.

        `given` is the tree as `give` wrote it, for whoever runs many parts of one tree.
        """
        arguments = self._arguments(tree, paths, limits)
        name = canary.new_name()
        with tempfile.TemporaryDirectory(prefix="avr-run-") as scratch:
            done, results = self._execute(tree, arguments, limits, Path(scratch), given, name)
        tampered = ""
        if results is not None and not self.script:
            results, tampered = canary.without(results, name)
        return TestRun(
            command=("python", *arguments),
            results=dict(results or {}),
            exit_code=done.exit_code,
            seconds=round(done.seconds, 3),
            log=self.blobs.put(done.output),
            problem=tampered or _problem(done, results),
        )

    def takes(self, paths: tuple[str, ...]) -> bool:
        """Whether the runner can be told to run just these paths; no paths are the whole suite."""
        return not (self.script and paths) or bool(ownrunner.labels(self.script, paths))

    def pieces(self, tree: SourceTree, paths: tuple[str, ...]) -> tuple[str, ...]:
        """The parts of the suite at `paths` that can run apart from each other."""
        files = suite.files(tree, paths)
        return ownrunner.pieces(self.script, files) if self.script else files

    def collect(self, tree: SourceTree, paths: tuple[str, ...], limits: Limits) -> Collected:
        """Let pytest collect the tests at `paths`, to see what this environment lacks."""
        options = _arguments(tree, paths, self.environment.names, limits.test_seconds)
        arguments = ("-m", "pytest", *options, "--collect-only", *paths)
        with tempfile.TemporaryDirectory(prefix="avr-run-") as scratch:
            done, _ = self._execute(tree, arguments, limits, Path(scratch))
        text = done.text
        found = _COLLECTED.findall(text)
        return Collected(
            tests=len(found),
            files=len({each.split("::")[0] for each in found}),
            broken=len(_BROKEN.findall(text)),
            missing=missing_modules(text),
            output=done.output,
        )

    def _arguments(self, tree: SourceTree, paths: tuple[str, ...], limits: Limits) -> tuple[str, ...]:
        report = f"/results/{_REPORT}"
        if self.script:
            return ownrunner.arguments(self.script, paths, report, limits.test_seconds)
        options = _arguments(tree, paths, self.environment.names, limits.test_seconds)
        chosen = ("-k", " or ".join(limits.only)) if limits.only else ()
        plugins = ("-p", canary.PLUGIN, *self._plugin(tree, paths))
        return ("-m", "pytest", *plugins, *options, *chosen, f"--junitxml={report}", *paths)

    def _plugin(self, tree: SourceTree, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Our plug-in where the tests may need it and the interpreter can run it."""
        wanted = any(b"parametrize" in tree.files[path] for path in suite.files(tree, paths))
        return ("-p", ownrunner.PLUGIN) if wanted and self.environment.interpreter.minor >= (3, 6) else ()

    def pytest(self, tree: SourceTree, paths: tuple[str, ...], limits: Limits) -> tuple[str, ...]:
        """The arguments of pytest for the tests at `paths`, for a program that runs it itself."""
        return (
            *self._plugin(tree, paths),
            *_arguments(tree, paths, self.environment.names, limits.test_seconds),
            *paths,
        )

    def program(
        self, tree: SourceTree, arguments: tuple[str, ...], limits: Limits, beside: Beside
    ) -> tuple[Completed, bytes | None]:
        """Run a program of ours as tests are run; what it left behind as `beside` names it, or None."""
        with tempfile.TemporaryDirectory(prefix="avr-run-") as scratch:
            done = self._sandboxed(tree, arguments, limits, Path(scratch), beside=beside)
            return done, leftovers.regular(Path(scratch) / "results" / beside.result, beside.most)

    def _execute(
        self,
        tree: SourceTree,
        arguments: tuple[str, ...],
        limits: Limits,
        scratch: Path,
        given: Path | None = None,
        name: str = "",
    ) -> tuple[Completed, Mapping[str, TestStatus] | None]:
        done = self._sandboxed(tree, arguments, limits, scratch, given, name=name)
        return done, junit.read(scratch / "results" / _REPORT)

    def _sandboxed(
        self,
        tree: SourceTree,
        arguments: tuple[str, ...],
        limits: Limits,
        scratch: Path,
        given: Path | None = None,
        beside: Beside | None = None,
        name: str = "",
    ) -> Completed:
        given = given or give(tree, scratch / "given")
        results, ours = scratch / "results", scratch / "ours"
        write_tree(ownrunner.programs().replacing(dict(beside.files) if beside else {}), ours)
        results.mkdir(mode=0o700)
        roots = [f"{TREE}/{root}".rstrip("/") for root in suite.layout(tree).roots]
        folder = shlex.quote(f"{TREE}/{ownrunner.folder(self.script)}".rstrip("/"))
        command = Command(
            argv=("/bin/sh", "-c", _ENTER.format(folder=folder), "sh", self.environment.python, *arguments),
            mounts=(
                *self.environment.mounts,
                Mount(source=given, target="/given"),
                Mount(source=self.meta, target=META),
                Mount(source=ours, target=ownrunner.PROGRAMS),
                Mount(source=results, target="/results", writable=True),
                *(beside.mounts if beside else ()),
            ),
            env={
                **self._variables(roots, "" if self.script else suite.django_settings(tree)),
                **({canary.VARIABLE: name} if name else {}),
            },
            seconds=limits.seconds,
            memory=limits.memory,
            disk=limits.disk,
            processes=512,
        )
        return sandbox.run(command)

    def _variables(self, roots: list[str], django: str) -> dict[str, str]:
        variables = self.environment.variables([*roots, META, ownrunner.PROGRAMS])
        return {
            **variables,
            **({"DJANGO_SETTINGS_MODULE": django} if django else {}),
            "PATH": f"{META}/bin:{variables['PATH']}",
            "HOME": "/tmp/home",  # noqa: S108
            "SOURCE_DATE_EPOCH": "315532800",
            "PY_IGNORE_IMPORTMISMATCH": "1",
            "VIRTUAL_ENV": ENV,
        }


def give(tree: SourceTree, folder: Path) -> Path:
    """Write the tree as runs are given it; they copy it and never write to it."""
    write_tree(_with_known_section(tree), folder)
    return folder


def missing_modules(output: str) -> tuple[str, ...]:
    """The modules that the output of a run calls missing."""
    return tuple(dict.fromkeys(_MISSING.findall(output)))


def _with_known_section(tree: SourceTree) -> SourceTree:
    """The tree with the section of `setup.cfg` named as pytest has wanted it since version 4."""
    data = tree.get("setup.cfg") or b""
    return (
        tree.replacing({"setup.cfg": _OLD_SECTION.sub(b"[tool:pytest]", data)}) if _OLD_SECTION.search(data) else tree
    )


def _arguments(tree: SourceTree, paths: tuple[str, ...], installed: frozenset[str], test_seconds: int) -> Iterator[str]:
    """Options that hold for every run; the project's own ones that are kept come as one override."""
    configured = suite.config(tree)
    cache = ("-p", "no:cacheprovider") if "pathlib2" in installed else ("-o", "cache_dir=/tmp/home/cache")
    yield from ("-q", *cache, "--continue-on-collection-errors", "-o", "junit_family=xunit2")
    yield from ("-o", f"addopts={configured.addopts}")
    if pattern := suite.python_files(tree, paths):
        yield from ("-o", f"python_files={pattern}")
    if "pytest-timeout" in installed and "timeout" not in configured.options:
        yield f"--timeout={test_seconds}"


def _problem(done: Completed, results: Mapping[str, TestStatus] | None) -> str:
    if done.problem:
        return done.problem
    if results is None:
        return f"crash: the tests ended with exit code {done.exit_code} and no report"
    return "" if results else "no tests"
