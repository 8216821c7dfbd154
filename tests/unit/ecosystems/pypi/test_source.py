"""The pin is the file that the manifest means, or a refusal that says why."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from avr.ecosystems.interface import FileKind, RegistryFile, RegistryRelease
from avr.ecosystems.pypi.source import pin
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.identifiers import Digest, EcosystemName
from avr.model.source import SourceTree
from avr.tools.archives import pack_targz, pack_zip

SDIST = pack_targz(SourceTree(files={"pkg.py": b"1", "setup.py": b""}), "pkg-1.0", 0)
WHEEL = pack_zip({"pkg.py": b"1"}, 0)
COMPILED = pack_zip({"pkg.py": b"1", "_pkg.so": b"\x7fELF"}, 0)


@dataclass
class FolderRegistry:
    """A registry of one release, its files by name."""

    folder: Path
    files: Mapping[str, bytes]
    digests: bool = True

    def releases(self, package: str) -> Sequence[RegistryRelease]:
        """One release with all files."""
        assert package == "pkg"
        return [RegistryRelease(version="1.0", files=tuple(self._file(*each) for each in self.files.items()))]

    def _file(self, name: str, data: bytes) -> RegistryFile:
        kind = FileKind.WHEEL if name.endswith(".whl") else FileKind.SDIST
        sha256 = Digest(hashlib.sha256(data).hexdigest()) if self.digests else None
        return RegistryFile(filename=name, kind=kind, url=f"https://example.invalid/{name}", sha256=sha256)

    def download(self, file: RegistryFile) -> Path:
        """The file, written into the folder."""
        path = self.folder / file.filename
        path.write_bytes(self.files[file.filename])
        return path


def component(version: str = "1.0", *hashes: str) -> Component:
    """The component `pkg`."""
    return Component(ecosystem=EcosystemName.PYPI, name="pkg", version=version, hashes=hashes)


def refused(registry: FolderRegistry, wanted: Component) -> AvrError:
    """The error with which a pin is refused."""
    with pytest.raises(AvrError) as error:
        pin(wanted, registry)
    assert error.value.hint
    return error.value


def test_the_source_archive_is_preferred_and_the_pure_wheel_beside_it(tmp_path: Path) -> None:
    """The tree is the sdist without its top folder."""
    files = {
        "pkg-1.0-py2-none-any.whl": WHEEL,
        "pkg-1.0-py3-none-any.whl": WHEEL,
        "pkg-1.0.zip": b"",
        "pkg-1.0.tar.gz": SDIST,
    }
    found = pin(component(), FolderRegistry(tmp_path, files))
    names = [each.name if each else None for each in (found.sdist, found.wheel)]
    assert (list(found.tree), names, found.from_wheel) == (
        ["pkg.py", "setup.py"], ["pkg-1.0.tar.gz", "pkg-1.0-py3-none-any.whl"], False,
    )  # fmt: skip


def test_without_a_source_archive_the_pure_wheel_is_the_source(tmp_path: Path) -> None:
    """And the pin says so."""
    found = pin(component(), FolderRegistry(tmp_path, {"pkg-1.0-py3-none-any.whl": WHEEL}))
    assert (list(found.tree), found.sdist, found.from_wheel) == (["pkg.py"], None, True)


@pytest.mark.parametrize(
    ("name", "data"), [("pkg-1.0-cp38-cp38-manylinux1_x86_64.whl", COMPILED), ("pkg-1.0-py3-none-any.whl", COMPILED)]
)
def test_compiled_wheels_are_no_source(tmp_path: Path, name: str, data: bytes) -> None:
    """By their tags, and by what they hold whatever the tags say."""
    assert refused(FolderRegistry(tmp_path, {name: data}), component()).code == "registry.no-source"


def test_an_unknown_version_is_told_with_those_that_exist(tmp_path: Path) -> None:
    """The hint names the newest releases."""
    error = refused(FolderRegistry(tmp_path, {"pkg-1.0.tar.gz": SDIST}), component("9.9"))
    assert (error.code, "1.0" in error.hint) == ("registry.unknown-version", True)


def test_versions_may_be_spelt_otherwise(tmp_path: Path) -> None:
    """1.0.0 is 1.0."""
    assert pin(component("1.0.0"), FolderRegistry(tmp_path, {"pkg-1.0.tar.gz": SDIST})).sdist


@pytest.mark.parametrize("digests", [True, False])
@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_hashes_of_the_manifest_are_honoured(tmp_path: Path, digests: bool, algorithm: str) -> None:
    """One match is enough, listed by the index or computed."""
    right = f"{algorithm}:{hashlib.new(algorithm, SDIST).hexdigest()}"
    registry = FolderRegistry(tmp_path, {"pkg-1.0.tar.gz": SDIST}, digests)
    assert pin(component("1.0", "sha256:" + "0" * 64, right), registry).sdist


@pytest.mark.parametrize("digests", [True, False])
@pytest.mark.parametrize("wrong", ["sha256:" + "0" * 64, "sha512:00", "shake_128:00", "nonsense"])
def test_other_files_than_the_pinned_ones_are_refused(tmp_path: Path, digests: bool, wrong: str) -> None:
    """Where no file has a demanded hash."""
    registry = FolderRegistry(tmp_path, {"pkg-1.0.tar.gz": SDIST}, digests)
    assert refused(registry, component("1.0", wrong)).code == "registry.hash-mismatch"


def test_a_hostile_archive_is_refused_by_name(tmp_path: Path) -> None:
    """The archive's own check speaks through."""
    error = refused(FolderRegistry(tmp_path, {"pkg-1.0.zip": pack_zip({"../evil": b""}, 0)}), component())
    assert (error.code, "pkg-1.0.zip" in error.message) == ("archive.path", True)
