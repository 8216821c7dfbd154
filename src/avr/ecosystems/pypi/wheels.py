"""Wheels of dependencies that were published as source only, built inside the sandbox.

A folder of such wheels belongs to one language version and is shared by all pins; a build that failed once is
remembered by an empty marker, since the same source fails the same way again.
"""

import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from avr.ecosystems.interface import FileKind, Registry, RegistryFile
from avr.ecosystems.pypi import environment
from avr.ecosystems.pypi.environment import Environment
from avr.ecosystems.pypi.interpreters import RELEASED, Interpreter
from avr.ecosystems.pypi.uv import Unresolved, Uv
from avr.errors import AvrError
from avr.tools import sandbox
from avr.tools.archives import unpack, write_tree
from avr.tools.blobs import write_atomically
from avr.tools.sandbox import Command, Mount

_SHIM = (
    "import setuptools, sys, io, os\n"
    "sys.path.insert(0, os.getcwd())\n"
    "sys.argv = ['setup.py', '-q', 'bdist_wheel', '-d', '/results']\n"
    "__file__ = os.path.abspath('setup.py')\n"
    "code = io.open(__file__, 'rb').read().replace(b'\\r\\n', b'\\n')\n"
    "exec(compile(code, __file__, 'exec'))\n"
)
_LARGEST = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Builds source-only dependencies for one interpreter."""

    interpreter: Interpreter
    registry: Registry
    uv: Uv
    cache: Path
    seconds: int = 300

    @property
    def folder(self) -> Path:
        """Where the wheels of this language version are kept."""
        return built_folder(self.cache, self.interpreter)

    def build(self, name: str, wanted: str, until: datetime | None) -> str:
        """Build the newest source archive of `name` within `wanted` from before `until`; the reason why not, or ''.

        Raises `AvrError` `registry.unreachable`, `sandbox.*` or `store.*`.
        """
        file = self._source(name, wanted, until)
        if file is None:
            return "no source archive of that time"
        marker = self.folder / f"{file.filename}.failed"
        if marker.exists():
            return marker.read_text(encoding="utf-8")
        why = self._build(name, self.registry.download(file))
        if why:
            write_atomically(marker, why.encode())
        return why

    def _source(self, name: str, wanted: str, until: datetime | None) -> RegistryFile | None:
        """The source archive of the newest final release that this interpreter may run."""
        try:
            releases = self.registry.releases(name)
        except AvrError as error:
            if error.code != "registry.unknown-package":
                raise
            return None
        allowed = SpecifierSet(wanted)
        for release in reversed(releases):
            out = until is None or release.uploaded is None or release.uploaded <= until
            if out and allowed.contains(release.version) and not Version(release.version).is_prerelease:
                files = [each for each in release.files if each.kind is FileKind.SDIST and self._runs(each)]
                if files:
                    return files[0]
        return None

    def _runs(self, file: RegistryFile) -> bool:
        version = ".".join(map(str, self.interpreter.version))
        return not file.requires_python or SpecifierSet(file.requires_python).contains(version)

    def _build(self, name: str, sdist: Path) -> str:
        tools = self._tools()
        if tools is None:
            return "no setuptools with wheel for this interpreter"
        with tempfile.TemporaryDirectory(prefix="avr-wheel-") as scratch:
            source, results = Path(scratch) / "source", Path(scratch) / "results"
            results.mkdir(mode=0o700)
            write_tree(unpack(sdist, strip_top=True), source)
            if not (source / "setup.py").is_file():
                return "no setup.py to build it with"
            done = sandbox.run(self._command(tools, source, results))
            found = _only_wheel(results, name)
            if found is None:
                return f"its build failed in the sandbox ({done.problem or done.text.strip()[-200:]!r})"
            write_atomically(self.folder / found[0], found[1])
        return ""

    def _command(self, tools: Environment, source: Path, results: Path) -> Command:
        enter = 'cp -r /given /tmp/source && cd /tmp/source && exec "$@"'
        return Command(
            argv=("/bin/sh", "-c", enter, "sh", tools.python, "-c", _SHIM),
            mounts=(
                *tools.mounts,
                Mount(source=source, target="/given"),
                Mount(source=results, target="/results", writable=True),
            ),
            env={**tools.variables(), "SOURCE_DATE_EPOCH": "315532800", "LIBRARY_PATH": f"{environment.PYTHON}/lib"},
            seconds=self.seconds,
            memory=2 << 30,
            disk=1 << 30,
        )

    def _tools(self) -> Environment | None:
        """An environment of setuptools and wheel from about the time of the interpreter's youth."""
        until = max(RELEASED.get(self.interpreter.minor, RELEASED[3, 8]), RELEASED[3, 8]) + timedelta(days=90)
        asked = ["setuptools<60", "wheel"] if self.interpreter.minor < (3, 12) else ["setuptools", "wheel"]
        for limit in (until, None):
            lock = self.uv.resolve(asked, self.interpreter, until=limit)
            if not isinstance(lock, Unresolved):
                cache = self.cache / "environments"
                return environment.make(lock, self.interpreter, uv=self.uv, cache=cache, wheels=None)
        return None


def built_folder(cache: Path, interpreter: Interpreter) -> Path:
    """Where the wheels that were built for a language version are kept."""
    return cache / "wheels" / "cp{}{}".format(*interpreter.minor)


def _only_wheel(results: Path, name: str) -> tuple[str, bytes] | None:
    """The wheel that a hostile build left behind: a bounded regular file of the right name."""
    for entry in _regular_files(results):
        try:
            built, *_ = parse_wheel_filename(entry)
        except InvalidWheelFilename:
            continue
        if canonicalize_name(built) == canonicalize_name(name):
            handle = os.open(results / entry, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as file:
                data = file.read(_LARGEST + 1)
            if len(data) <= _LARGEST and unpack(data, name=entry).files:
                return entry, data
    return None


def _regular_files(folder: Path) -> Sequence[str]:
    with os.scandir(folder) as entries:
        return sorted(each.name for each in entries if stat.S_ISREG(each.stat(follow_symlinks=False).st_mode))
