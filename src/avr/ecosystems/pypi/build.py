"""Wheels built from source: build requirements come as wheels only, and everything that builds runs in the sandbox.

The hooks of PEP 517 (https://peps.python.org/pep-0517/) are called by a small program inside; there is no network, so
a build that wants to fetch something fails.
"""

import json
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from avr.ecosystems.interface import Pin
from avr.ecosystems.pypi import declared, environment
from avr.ecosystems.pypi.environment import Environment
from avr.ecosystems.pypi.interpreters import RELEASED, Declared, Interpreter, choose
from avr.ecosystems.pypi.rebuild import BuiltWheel
from avr.ecosystems.pypi.uv import Unresolved, Uv
from avr.errors import AvrError
from avr.model.outcome import Declined
from avr.model.source import SourceTree
from avr.tools import leftovers, sandbox
from avr.tools.archives import pack_targz
from avr.tools.sandbox import Command, Mount

_LARGEST = 256 << 20
_MTIME = 315532800
_BUILDERS = frozenset({(2, 7), *((3, minor) for minor in range(6, 30))})
_LEGACY = ("setuptools>=40.8", "wheel")
_HOOK = """
import importlib, json, os, sys, tarfile
archive = tarfile.open("/given.tar.gz")
archive.extractall("/tmp")
os.chdir("/tmp/source")
hook, backend, paths, argument = json.loads(sys.argv[1])
sys.path = [os.path.abspath(path) for path in paths] + [path for path in sys.path if path]
sys.argv = ["setup.py"]
module, _, attribute = backend.partition(":")
found = importlib.import_module(module)
for name in filter(None, attribute.split(".")):
    found = getattr(found, name)
answer = getattr(found, hook, lambda *_: [])(*argument)
with open("/results/answer.json", "w") as file:
    file.write(json.dumps(answer))
"""


@dataclass(slots=True, kw_only=True)
class SandboxBuilder:
    """Builds wheels of one pin; the interpreter and the tools with which the first build succeeds are kept.

    Tools are taken as of the release's time where that works, as of today otherwise; `locked` asks for the very ones
    that an earlier build named as its `tools`. `seconds` limits each build.
    """

    pin: Pin
    interpreters: Sequence[Interpreter]
    uv: Uv
    cache: Path
    seconds: int = 300
    locked: Sequence[str] = ()
    _tools: Environment | None = field(default=None, init=False)

    def __call__(self, tree: SourceTree) -> BuiltWheel:
        """Build a wheel of `tree`; raises `AvrError` `build.failed`, `build.no-tools` or `sandbox.unavailable`."""
        if self._tools is not None:
            return self._build(tree, self._tools)
        failure = AvrError(
            "build.no-tools",
            f"no interpreter with the build requirements of {self.pin.component} as wheels",
            hint="install a CPython of the release's time; `avr doctor` lists those that were found",
        )
        for tools in self._candidates(tree):
            try:
                built = self._build(tree, tools)
            except AvrError as error:
                if error.code != "build.failed":
                    raise
                failure = error
            else:
                self._tools = tools
                return built
        raise failure

    def _candidates(self, tree: SourceTree) -> Iterator[Environment]:
        if self.locked:
            same = [each for each in self.interpreters if str(each) == self.locked[0]]
            made = (self._environment(self.locked[1:], each, None) for each in same)
            yield from (each for each in made if each is not None)
            return
        for interpreter in self._suitable(tree)[:3]:
            for until in _limits(self.pin.released, interpreter):
                wanted = _requires(tree)
                tools = self._environment(wanted, interpreter, until)
                if tools is None:
                    continue
                asked = self._asked(tree, tools)
                complete = self._environment([*wanted, *asked], interpreter, until) if asked else tools
                if complete is not None:
                    yield complete

    def _suitable(self, tree: SourceTree) -> Sequence[Interpreter]:
        requires = declared.requires_python(tree)
        facts = Declared(
            requires=str(requires) if requires is not None else "",
            classifiers=tuple(f"Programming Language :: Python :: {a}.{b}" for a, b in declared.classified(tree)),
            released=self.pin.released,
        )
        chosen = choose(facts, (each for each in self.interpreters if each.minor in _BUILDERS))
        return () if isinstance(chosen, Declined) else chosen

    def _environment(
        self, wanted: Iterable[str], interpreter: Interpreter, until: datetime | None
    ) -> Environment | None:
        lock = self.uv.resolve(wanted, interpreter, until=until)
        if isinstance(lock, Unresolved):
            return None
        return environment.make(lock, interpreter, uv=self.uv, cache=self.cache / "environments", wheels=None)

    def _asked(self, tree: SourceTree, tools: Environment) -> list[str]:
        """What the backend asks for beyond the declared requirements; nothing where the question itself fails."""
        with tempfile.TemporaryDirectory(prefix="avr-build-", ignore_cleanup_errors=True) as scratch:
            self._hook("get_requires_for_build_wheel", [], tree, tools, Path(scratch))
            answer = _answer(Path(scratch) / "results")
        return [each for each in answer if _is_plain(each)] if isinstance(answer, list) else []

    def _build(self, tree: SourceTree, tools: Environment) -> BuiltWheel:
        with tempfile.TemporaryDirectory(prefix="avr-build-", ignore_cleanup_errors=True) as scratch:
            said = self._hook("build_wheel", ["/results"], tree, tools, Path(scratch))
            results = Path(scratch) / "results"
            name = _answer(results)
            data = (
                leftovers.regular(results / name, _LARGEST) if isinstance(name, str) and _is_wheel_name(name) else None
            )
        hint = "see the build's own message; it ran without a network"
        if not isinstance(name, str) or data is None:
            raise AvrError("build.failed", f"the build of {self.pin.component} failed: {said[-300:]!r}", hint=hint)
        if not self._is_ours(name):
            raise AvrError("build.failed", f"the build of {self.pin.component} made {name!r}", hint=hint)
        return BuiltWheel(filename=name, data=data, tools=_named(tools))

    def _is_ours(self, filename: str) -> bool:
        """Whether a wheel has the pin's name and version, with or without a local part of ours."""
        try:
            name, version, *_ = parse_wheel_filename(filename)
            wanted = Version(self.pin.component.version)
        except (InvalidWheelFilename, InvalidVersion):
            return False
        return name == canonicalize_name(self.pin.component.name) and version.public == wanted.public

    def _hook(self, hook: str, argument: list[str], tree: SourceTree, tools: Environment, scratch: Path) -> str:
        source, results = scratch / "source.tar.gz", scratch / "results"
        results.mkdir(mode=0o700)
        source.write_bytes(pack_targz(tree, "source", _MTIME))  # unpacked inside: one file is faster than thousands
        backend, paths = _backend(tree)
        question = json.dumps([hook, backend, paths, argument])
        done = sandbox.run(
            Command(
                argv=(tools.python, "-W", "ignore", "-c", _HOOK, question),
                mounts=(
                    *tools.mounts,
                    Mount(source=source, target="/given.tar.gz"),
                    Mount(source=results, target="/results", writable=True),
                ),
                env={**tools.variables(), "SOURCE_DATE_EPOCH": str(_MTIME)},
                seconds=self.seconds,
                memory=2 << 30,
                disk=1 << 30,
            )
        )
        return f"{done.problem} {done.text.strip()}".strip()


def _limits(released: datetime | None, interpreter: Interpreter) -> tuple[datetime | None, ...]:
    """The dates as of which tools are taken: the release's own, not before the interpreter was settled; then today."""
    if released is None:
        return (None,)
    settled = RELEASED.get(interpreter.minor, released) + timedelta(days=180)
    return (max(released + timedelta(days=14), settled), None)


def _requires(tree: SourceTree) -> list[str]:
    requires = _build_system(tree).get("requires")
    if not isinstance(requires, list):
        return list(_LEGACY)
    found = [each for each in requires if isinstance(each, str) and _is_plain(each)]
    legacy = "build-backend" not in _build_system(tree) or any(each.startswith("setuptools") for each in found)
    return [*found, *_LEGACY] if legacy else found


def _backend(tree: SourceTree) -> tuple[str, list[str]]:
    system = _build_system(tree)
    paths = system.get("backend-path", [])
    inside = [each for each in paths if isinstance(each, str)] if isinstance(paths, list) else []
    return str(system.get("build-backend", "setuptools.build_meta:__legacy__")), inside


def _build_system(tree: SourceTree) -> dict[str, Any]:
    try:
        system = tomllib.loads((tree.get("pyproject.toml") or b"").decode("utf-8", "replace")).get("build-system", {})
    except tomllib.TOMLDecodeError:
        return {}
    return system if isinstance(system, dict) else {}


def _is_plain(text: object) -> bool:
    """A requirement by name and version; an address is not followed."""
    try:
        return isinstance(text, str) and Requirement(text).url is None
    except InvalidRequirement:
        return False


def _is_wheel_name(name: str) -> bool:
    return name.endswith(".whl") and "/" not in name and not name.startswith(".")


def _answer(results: Path) -> object:
    data = leftovers.regular(results / "answer.json", _LARGEST)
    try:
        answer: object = json.loads(data) if data is not None else None
    except (ValueError, RecursionError):
        return None
    return answer


def _named(tools: Environment) -> tuple[str, ...]:
    lock = (line.split(" ")[0] for line in tools.lock if "==" in line)
    return (str(tools.interpreter), *sorted(lock))
