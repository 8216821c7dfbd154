"""Artifacts of a patched pin: the registry's own wheel with the patch in it, and the source archive.

Where the registry has no pure wheel, or the patch cannot be carried over member by member, the wheel is built from
source in the sandbox, twice: unpatched, to compare with the registry's, and patched.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from avr.ecosystems.interface import Built, Pin
from avr.ecosystems.pypi import versions, wheel
from avr.ecosystems.pypi.members import MemberChanges, Origins, member_changes
from avr.ecosystems.pypi.sdist import sdist_name, stamped
from avr.errors import AvrError
from avr.model.source import SourceTree
from avr.tools.archives import pack_targz
from avr.tools.blobs import digest_of

Facts = dict[str, str | int | float | list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltWheel:
    """A wheel that a build from source made, and what it was built with (`setuptools==65.5.0`, `python==3.8.18`)."""

    filename: str
    data: bytes
    tools: tuple[str, ...]


WheelBuilder = Callable[[SourceTree], BuiltWheel]
"""Builds a wheel from a source tree in the sandbox; raises `AvrError` `build.*` where it cannot."""


def rebuild(pin: Pin, patched: SourceTree, revision: int, mtime: int, builder: WheelBuilder | None = None) -> Built:
    """The wheel and the source archive of `patched` under the version `X+avr.<revision>`.

    The same input gives the same bytes: nothing but `pin`, `patched`, `revision` and `mtime` (Unix seconds) goes in,
    and on the route through a build the `tools` that the facts name. An artifact that cannot be made is a problem in
    the result. Raises `AvrError` `wheel.metadata` or `archive.*` for a wheel of the registry that is not sound.
    """
    work = _Work(pin=pin, patched=patched, revision=revision, mtime=mtime, builder=builder)
    work.make_wheel()
    work.make_sdist()
    return Built(version=work.version, files=work.files, facts=work.facts, problems=tuple(work.problems))


@dataclass(slots=True, kw_only=True)
class _Work:
    pin: Pin
    patched: SourceTree
    revision: int
    mtime: int
    builder: WheelBuilder | None
    files: dict[str, bytes] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def version(self) -> str:
        """Ours, such as `2.11.2+avr.1`."""
        return versions.patched(self.pin.component.version, self.revision)

    def make_wheel(self) -> None:
        """Make the wheel by the strictest route that holds."""
        if self.pin.wheel is None:
            self._build("the registry has no pure wheel", None)
            return
        original = wheel.read(self.pin.wheel.name, self.pin.wheel)
        changes = member_changes(self.pin.tree, self.patched, original.tree)
        self._compare(original, changes)
        if changes.obstacles:
            self._build("; ".join(changes.obstacles), original)
        elif not changes.paths:
            self._build("the wheel holds none of the changed files", original)
        else:
            self._repack(original, changes)

    def make_sdist(self) -> None:
        """Make the source archive."""
        if self.pin.from_wheel:
            self.problems.append("no source archive: the registry has none for this release")
            return
        suffix = versions.suffix(self.pin.component.version, self.revision)
        result = stamped(self.patched, self.version, suffix)
        if result.problem:
            self.problems.append(f"no source archive: {result.problem}")
            return
        top = sdist_name(self.pin.component.name, self.version)
        self.files[f"{top}.tar.gz"] = pack_targz(result.tree, top, self.mtime)
        self.facts |= {"sdist": f"{top}.tar.gz", "sdist_version_from": result.how, "sdist_builds": "not tried"}
        self._try_sdist(result.tree)

    def _compare(self, original: wheel.Wheel, changes: MemberChanges) -> None:
        origins = Origins(self.pin.tree, original.tree)
        same = {member for source in self.pin.tree if (member := origins.member(source))}
        code = original.code
        self.facts |= {
            "registry_wheel": original.filename,
            "registry_wheel_sha256": digest_of(self.pin.wheel.read_bytes()) if self.pin.wheel else "",
            "unpatched_differs_from_registry": wheel.differences(original),
            "wheel_files_equal_to_source": sum(path in same for path in code),
            "wheel_files_not_in_source": sorted(path for path in code if path not in same),
            "changed_files_not_in_wheel": changes.not_shipped,
        }

    def _repack(self, original: wheel.Wheel, changes: MemberChanges) -> None:
        made = wheel.rewritten(
            original, self.version, written=changes.written, added=changes.added, removed=changes.removed
        )
        self.files[made.filename] = wheel.packed(made, self.mtime)
        self.facts |= {"route": "repack", "wheel": made.filename, "wheel_files_changed": changes.paths}

    def _build(self, why: str, original: wheel.Wheel | None) -> None:
        self.facts |= {"route": "build", "route_reason": why}
        if self.builder is None:
            self.problems.append(f"no wheel: {why}, and nothing here can build one")
            return
        try:
            unpatched, patched = self.builder(self.pin.tree), self.builder(self.patched)
        except AvrError as error:
            self.problems.append(f"no wheel: {why}, and building it failed: {error.message}")
            return
        before, after = wheel.read(unpatched.filename, unpatched.data), wheel.read(patched.filename, patched.data)
        changed = _different(before, after)
        self.facts |= {"build_tools": list(patched.tools), "wheel_files_changed": changed}
        if original is not None:
            self.facts["unpatched_differs_from_registry"] = _different(original, before)
        if not changed:
            self.problems.append("no wheel: a build of the patched source holds none of the changed files")
            return
        made = wheel.rewritten(after, self.version)
        self.files[made.filename] = wheel.packed(made, self.mtime)
        self.facts["wheel"] = made.filename

    def _try_sdist(self, tree: SourceTree) -> None:
        """Prove by a build that the source archive becomes our version, where builds are possible."""
        if self.builder is None:
            return
        try:
            built = self.builder(tree)
            made = wheel.read(built.filename, built.data)
        except AvrError as error:
            self.facts |= {"sdist_builds": "no", "sdist_build_problem": error.message}
            return
        found = wheel.metadata_version(made.tree.files[f"{made.info}/METADATA"])
        self.facts["sdist_builds"] = "yes" if versions.same(found, self.version) else f"no, as version {found!r}"


def _different(left: wheel.Wheel, right: wheel.Wheel) -> list[str]:
    """Members outside the metadata folders whose contents differ, sorted."""
    one, other = left.code, right.code
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))
