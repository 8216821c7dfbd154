"""A whole ecosystem in a hundred lines: one package, `thing 1.0`, that can be pinned, rebuilt and tested in memory."""

import base64
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from avr.ecosystems.interface import (
    Bench,
    Built,
    Equipment,
    FileKind,
    Pin,
    Registry,
    RegistryFile,
    RegistryRelease,
    TestRequest,
)
from avr.errors import AvrError
from avr.model.behaviour import ApiComparison
from avr.model.component import Component
from avr.model.evidence import TestRun
from avr.model.identifiers import Digest
from avr.model.source import SourceTree
from avr.testing import build
from avr.tools.archives import pack_targz, pack_zip, unpack

_TAIL = "    return open(path)\n\n\ndef size():\n    return 1\n"
VULNERABLE = f"def read(path):\n{_TAIL}"
REPAIRED = f"def read(path):\n    if '..' in path:\n        raise ValueError(path)\n{_TAIL}"
TEST = "def test_refuses_parent():\n    pass\n"
PASSING = "tests.test_thing::test_refuses_parent"
TREE = build.tree({"src/thing/__init__.py": VULNERABLE, "PKG-INFO": "Name: thing\nVersion: 1.0\n"})
PATCHED = TREE.replacing({"src/thing/__init__.py": REPAIRED.encode()})


@dataclass(slots=True)
class TinyRegistry:
    """Serves the two files of `thing 1.0` from a folder."""

    folder: Path

    def releases(self, package: str) -> tuple[RegistryRelease, ...]:
        """The one release."""
        if package != "thing":
            raise AvrError("registry.unknown-package", f"no package {package!r}", hint="try 'thing'")
        files = (_listed(self.folder / "thing-1.0.tar.gz"), _listed(self.folder / "thing-1.0-py3-none-any.whl"))
        return (RegistryRelease(version="1.0", files=files),)

    def download(self, file: RegistryFile) -> Path:
        """Where the file is already."""
        return self.folder / file.filename


def _listed(path: Path) -> RegistryFile:
    kind = FileKind.WHEEL if path.suffix == ".whl" else FileKind.SDIST
    digest = Digest(hashlib.sha256(path.read_bytes()).hexdigest())
    return RegistryFile(filename=path.name, kind=kind, url=path.as_uri(), sha256=digest)


class Unequipped:
    """The part of a bench that proof capsules ask for, for benches that leave none."""

    def equipment(self, tree: SourceTree, tests: Mapping[str, bytes]) -> Equipment | None:
        """Nothing that could be put into a capsule."""
        del tree, tests
        return None


class TinyBench:
    """Runs the one security test by looking at the source."""

    facts: Mapping[str, str] = {"interpreter": "none"}
    problem: str | None = None

    def equipment(self, tree: SourceTree, tests: Mapping[str, bytes]) -> Equipment | None:
        """No dependencies, and no lock file of any real kind."""
        del tree, tests
        return Equipment(lock=b"tiny\n", lock_name="tiny.lock", files={}, overlay={})

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Green where the tree holds the repair."""
        del request
        mended = any(b"raise ValueError" in data for data in tree.files.values())
        ids = [PASSING] if tests else []
        return build.run(passed=ids, exit_code=0) if mended else build.run(failed=ids, exit_code=1)


class TinyEcosystem:
    """Implements `Ecosystem` for the package in `folder`, whose files are made when first asked for."""

    def __init__(self, folder: Path, bench: Callable[[], Bench] = TinyBench) -> None:
        self._bench = bench
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in _artifacts(TREE, "1.0").items():
            (folder / name).write_bytes(data)
        self.registry: Registry = TinyRegistry(folder)

    def pin(self, component: Component) -> Pin:
        """The pin of `thing 1.0`."""
        sdist, wheel = (self.registry.download(each) for each in self.registry.releases(component.name)[0].files)
        return Pin(component=component, tree=unpack(sdist, strip_top=True), sdist=sdist, wheel=wheel, released=None)

    def minimum_runtime(self, tree: SourceTree) -> tuple[int, int] | None:
        """Nothing is declared."""
        del tree
        return None

    def complete(self, _before: SourceTree, after: SourceTree) -> SourceTree:
        """Nothing is shipped twice."""
        return after

    def is_made(self, _path: str, _changed: Collection[str], _pinned: SourceTree) -> bool:
        """Nothing is."""
        return False

    def static_problems(self, before: SourceTree, after: SourceTree) -> tuple[str, ...]:
        """Everything is sound."""
        del before, after
        return ()

    def interface_changes(self, before: SourceTree, after: SourceTree) -> ApiComparison:
        """Nothing public changes."""
        return ApiComparison(compared=before.differing(after))

    def bench(self, pin: Pin, suite: SourceTree | None) -> Bench:
        """The bench given at construction."""
        del pin, suite
        return self._bench()

    def rebuild(self, pin: Pin, patched: SourceTree, revision: int) -> Built:
        """A wheel and a source archive of the patched tree."""
        version = f"{pin.component.version}+avr.{revision}"
        return Built(version=version, files=_artifacts(patched, version), facts={"route": "repack"})


def _artifacts(tree: SourceTree, version: str) -> dict[str, bytes]:
    entries = {path.removeprefix("src/"): data for path, data in tree.files.items() if path.startswith("src/")}
    info = f"thing-{version}.dist-info"
    entries[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: thing\nVersion: {version}\n".encode()
    entries[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tiny\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = [f"{name},sha256={_digest(entries[name])},{len(entries[name])}\n" for name in sorted(entries)]
    entries[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"]).encode()
    stamped = tree.replacing({"PKG-INFO": f"Name: thing\nVersion: {version}\n".encode()})
    return {
        f"thing-{version}.tar.gz": pack_targz(stamped, f"thing-{version}", 315532800),
        f"thing-{version}-py3-none-any.whl": pack_zip(dict(sorted(entries.items())), 315532800),
    }


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
