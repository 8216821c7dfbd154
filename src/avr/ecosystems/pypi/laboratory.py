"""The conditions of a proof made again from files: the pin from its originals, the environment from its lock.

No index is asked: whoever calls brings the files, and each is taken by digest alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import parse_wheel_filename

from avr.config import Settings
from avr.ecosystems.interface import FileKind, Pin, RegistryFile, RegistryRelease
from avr.ecosystems.pypi import environment, metadata, pylock, source
from avr.ecosystems.pypi.bench import PyPIBench
from avr.ecosystems.pypi.interpreters import Interpreter
from avr.ecosystems.pypi.suite import Suite
from avr.ecosystems.pypi.testrun import Runner
from avr.ecosystems.pypi.uv import Uv
from avr.errors import AvrError
from avr.model.capsule import Conditions
from avr.model.component import Component
from avr.tools import sandbox
from avr.tools.archives import unpack
from avr.tools.blobs import BlobStore, digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PyPILaboratory:
    """Implements `Laboratory` for Python packages; `available` are the interpreters of this machine."""

    settings: Settings
    available: Sequence[Interpreter]

    def read(self, lock: bytes) -> Conditions:
        """See `avr.ecosystems.pypi.pylock.loads`."""
        return pylock.loads(lock)

    def require(self, conditions: Conditions) -> str:
        """The interpreter that will be taken; raises `AvrError` for what is missing on this machine."""
        if (why := sandbox.problem()) is not None:
            hint = "nothing of a capsule runs outside the sandbox; avr doctor names what is missing"
            raise AvrError("sandbox.unavailable", f"no sandbox: {why}", hint=hint)
        found = self._interpreter(conditions)
        known = set(pylock.tags(found))
        for each in conditions.packages:
            if not parse_wheel_filename(each.filename)[3] & known:
                message = f"the dependency {each.filename!r} was made for another kind of machine"
                raise AvrError("prove.other-machine", message, hint="prove the capsule on the kind that it names")
        exact = found.version == conditions.interpreter
        return str(found) if exact else f"{found} (proved with {_text(conditions.interpreter)})"

    def pin(self, component: Component, files: Sequence[Path]) -> Pin:
        """See `avr.ecosystems.pypi.source.pin`."""
        return source.pin(component, _Shelf(version=component.version, paths={each.name: each for each in files}))

    def bench(self, pin: Pin, conditions: Conditions, folder: Path, overlay: Mapping[str, bytes]) -> PyPIBench:
        """A bench in the environment of the lock, without any search for a better one."""
        cache = self.settings.cache
        interpreter = self._interpreter(conditions)
        lines = tuple(f"{each.package}=={each.version} --hash=sha256:{each.sha256}" for each in conditions.packages)
        uv = Uv(cache=cache / "uv", index={"UV_NO_INDEX": "1"})
        made = environment.make(lines, interpreter, uv=uv, cache=cache / "environments", wheels=folder)
        runner = Runner(
            environment=made,
            meta=metadata.write(pin, unpack(pin.wheel) if pin.wheel else None, cache / "metadata"),
            blobs=BlobStore(cache / "blobs"),
            script=conditions.script,
        )
        suite = Suite(paths=(), origin="capsule", overlay=overlay)
        facts = {"interpreter": str(interpreter), "suite": suite.origin}
        return PyPIBench(settings=self.settings, suite=suite, facts=facts, runner=runner)

    def _interpreter(self, conditions: Conditions) -> Interpreter:
        """The very version where it is here, else the newest of the same minor version."""
        wanted = conditions.interpreter
        fitting = [each for each in self.available if each.minor == wanted[:2]]
        if not fitting:
            minor = "{}.{}".format(*wanted)
            hint = (
                f"install CPython {minor} so that python{minor} is on PATH, such as by "
                f"`pyenv install {_text(wanted)}` or `uv python install {minor}`"
            )
            raise AvrError("prove.no-interpreter", f"the proof needs CPython {minor}, which is not here", hint=hint)
        return max(fitting, key=lambda each: (each.version == wanted, each.prefix != Path("/usr"), each.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """A registry of one release whose files are at hand."""

    version: str
    paths: Mapping[str, Path]

    def releases(self, package: str) -> tuple[RegistryRelease, ...]:
        """The one release; the package was asked for by its own capsule."""
        del package
        files = tuple(_listed(path) for _, path in sorted(self.paths.items()))
        return (RegistryRelease(version=self.version, files=files),)

    def download(self, file: RegistryFile) -> Path:
        """Where the file is."""
        return self.paths[file.filename]


def _listed(path: Path) -> RegistryFile:
    kind = FileKind.WHEEL if path.suffix == ".whl" else FileKind.SDIST
    return RegistryFile(filename=path.name, kind=kind, url=path.as_uri(), sha256=digest_of(path.read_bytes()))


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
