"""What the stages ask of an ecosystem; plug-ins implement these protocols and know nothing of each other."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from avr.model.behaviour import ApiComparison, Observation
from avr.model.capsule import Conditions
from avr.model.component import Component
from avr.model.evidence import TestRun
from avr.model.exploit import Exploit
from avr.model.identifiers import Digest
from avr.model.source import SourceTree


class FileKind(StrEnum):
    """The kinds of file that a registry serves for a release."""

    WHEEL = "wheel"
    SDIST = "sdist"
    TARBALL = "tarball"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFile:
    """One file of a release as the registry lists it; `sha256` is None where the registry gives no such digest.

    `integrity` is a digest of another form, `sha512-<base64>` (https://www.w3.org/TR/SRI/), where the registry has it.
    """

    filename: str
    kind: FileKind
    url: str
    sha256: Digest | None = None
    integrity: str | None = None
    uploaded: datetime | None = None
    requires_python: str | None = None
    yanked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRelease:
    """One version of a package with its files."""

    version: str
    files: tuple[RegistryFile, ...]

    @property
    def uploaded(self) -> datetime | None:
        """When the first file of the release was uploaded, where the registry tells."""
        times = [each.uploaded for each in self.files if each.uploaded is not None]
        return min(times, default=None)


class Registry(Protocol):
    """A package index reached through the ordinary client's own configuration."""

    def releases(self, package: str) -> Sequence[RegistryRelease]:
        """All releases, oldest version first.

        Raises `AvrError` `registry.unknown-package` or `registry.unreachable`.
        """
        ...

    def download(self, file: RegistryFile) -> Path:
        """The file's path in the cache, its digest checked; raises `AvrError` `registry.digest` where it differs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The exact pinned source and the files it came from.

    `tree` is the unpacked sdist without its top folder (or the wheel's contents where there is no sdist, which
    `from_wheel` tells). `wheel` is the registry's pure wheel where there is one. For npm `sdist` is the tarball, and
    there is nothing else.
    """

    component: Component
    tree: SourceTree
    sdist: Path | None
    wheel: Path | None
    released: datetime | None
    from_wheel: bool = False

    @property
    def originals(self) -> tuple[Path, ...]:
        """The registry's files of the pin."""
        return tuple(each for each in (self.sdist, self.wheel) if each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRequest:
    """What to run: `paths` relative to the tree (empty: the whole suite), and for how long, in seconds.

    `test_seconds` limits each test: a hole that hangs must not take the whole time. With `apart` the suite runs in
    pieces, those that concern the files in `changed` first, so that what hangs or dies costs only itself. With `only`
    a runner that can select tests by function name runs those alone, or some more. With an `exploit` that program runs
    instead of tests.
    """

    __test__ = False

    paths: tuple[str, ...] = ()
    seconds: int = 600
    test_seconds: int = 60
    apart: bool = False
    changed: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exploit: Exploit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What somebody else needs to run given tests as a bench does.

    `lock` is the lock file as bytes and `lock_name` its name by the ecosystem's own standard. `files` are dependencies
    that no registry has as such, because they were built here. `overlay` holds files of the suite that the pin's own
    archive lacks, by path.
    """

    lock: bytes
    lock_name: str
    files: Mapping[str, bytes]
    overlay: Mapping[str, bytes]


class Bench(Protocol):
    """A prepared environment in which one pin's tests run in the sandbox.

    Each run gets fresh copies of the tree and of the installed package; nothing is shared between runs but the
    read-only dependencies.
    """

    @property
    def facts(self) -> Mapping[str, str]:
        """Interpreter, lock of the dependencies and where the suite came from; for the evidence."""
        ...

    @property
    def problem(self) -> str | None:
        """Why no test can run here, or None."""
        ...

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Run tests on `tree` overlaid with `tests` (path -> content); a time-out is a run with exit code None."""
        ...

    def equipment(self, tree: SourceTree, tests: Mapping[str, bytes]) -> Equipment | None:
        """What runs of these tests on `tree` need, for a proof capsule; None where nothing can run here."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedRelease:
    """Upstream's own release that holds every fix of a backport; `tree` fetches it, or gives None where it cannot."""

    version: str
    tree: Callable[[], SourceTree | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What to look at: the pin, its patched form, the fix's tests and the exploits, and for how long, in seconds.

    `seconds` limits each of the few runs that it takes. Where a call ends otherwise, it is made in `fixed` as well.
    """

    pinned: SourceTree
    patched: SourceTree
    tests: Mapping[str, bytes]
    exploits: tuple[Exploit, ...]
    seconds: int
    fixed: FixedRelease | None = None


@runtime_checkable
class Observer(Protocol):
    """A bench that can also watch how a package behaves on both sides of a patch."""

    def observe(self, watch: Watch) -> Observation:
        """Calls replayed on both sides and the changed lines that ran; what cannot be seen has its reason in it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """Artifacts rebuilt from a patched tree, as bytes by file name, and what was compared on the way.

    `facts` goes into the evidence of gate G2: how the artifact was made, which files equal the registry's, which
    differ. `problems` are reasons why an artifact that one would expect is missing.
    """

    version: str
    files: Mapping[str, bytes]
    facts: Mapping[str, str | int | float | list[str]]
    problems: tuple[str, ...] = ()


class Ecosystem(Protocol):
    """One package ecosystem."""

    registry: Registry

    def pin(self, component: Component) -> Pin:
        """Fetch and unpack the exact pinned release, checking archives as hostile.

        Raises `AvrError` `registry.*` or `archive.*`; `registry.no-source` where nothing but compiled wheels exist.
        """
        ...

    def minimum_runtime(self, tree: SourceTree) -> tuple[int, int] | None:
        """The lowest language version that the tree declares to support, such as (3, 6); None where undeclared."""
        ...

    def complete(self, before: SourceTree, after: SourceTree, /) -> SourceTree:
        """`after` with the patch made in everything that the package ships of the changed files a second time."""
        ...

    def is_made(self, path: str, changed: Collection[str], pinned: SourceTree, /) -> bool:
        """Whether `complete` makes the file at `path` from another of the `changed` ones: nothing is carried there."""
        ...

    def static_problems(self, before: SourceTree, after: SourceTree) -> tuple[str, ...]:
        """What `after` breaks that `before` did not: syntax beyond the minimum runtime, undefined names, imports."""
        ...

    def interface_changes(self, before: SourceTree, after: SourceTree) -> ApiComparison:
        """The public interface of the changed files on both sides, without running or importing anything."""
        ...

    def bench(self, pin: Pin, suite: SourceTree | None) -> Bench:
        """Prepare an environment for the pin's tests; `suite` is the upstream tag's tree where the sdist has none."""
        ...

    def rebuild(self, pin: Pin, patched: SourceTree, revision: int) -> Built:
        """Rebuild the artifacts, under the version of our revision and byte-reproducibly."""
        ...


class Laboratory(Protocol):
    """Makes the conditions of a proof again, from files by digest and without an index."""

    def read(self, lock: bytes) -> Conditions:
        """The conditions that a lock file names; raises `ProofError` `capsule.lock` where it cannot be understood."""
        ...

    def require(self, conditions: Conditions) -> str:
        """The interpreter that will be taken, as a phrase; raises `AvrError` `prove.no-interpreter` or `sandbox.*`."""
        ...

    def pin(self, component: Component, files: Sequence[Path]) -> Pin:
        """The pinned source from its original files, checked as hostile; raises `AvrError` `archive.*`."""
        ...

    def bench(self, pin: Pin, conditions: Conditions, folder: Path, overlay: Mapping[str, bytes]) -> Bench:
        """A bench under these conditions; `folder` holds every dependency's file, which is taken by digest alone.

        Raises `AvrError` `bench.install` or `sandbox.*`.
        """
        ...
