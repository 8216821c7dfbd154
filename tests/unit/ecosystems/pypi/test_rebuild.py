"""Wheels and source archives carry the patch and the version, and nothing else moves."""

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from avr.ecosystems.interface import Pin
from avr.ecosystems.pypi import index_config, source, versions, wheel
from avr.ecosystems.pypi.rebuild import BuiltWheel, rebuild
from avr.ecosystems.pypi.registry import PyPIRegistry
from avr.ecosystems.pypi.sdist import stamped
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree
from avr.tools.archives import pack_targz, pack_zip, unpack

MTIME = 315532800
METADATA = b"Metadata-Version: 2.1\nName: Pkg\nVersion: 1.0\nLicense: MIT\n\nVersion: 1.0 of the text\n"
CODE = {
    "pkg/__init__.py": b"__version__ = '1.0'\n",
    "pkg/a.py": b"a = 1\n",
    "pkg/sub/__init__.py": b"",
    "pkg/b.py": b"b\n",
}
OURS = "Pkg-1.0+avr.1-py3-none-any.whl"


def wheel_bytes(code: Mapping[str, bytes], **info: bytes) -> bytes:
    """A sound wheel of `Pkg` 1.0 with the given code."""
    extra = {"METADATA": METADATA, "LICENSE": b"MIT\n", "RECORD": b"", **info}
    entries = {**code, **{f"Pkg-1.0.dist-info/{name}": data for name, data in extra.items()}}
    draft = wheel.read("Pkg-1.0-py3-none-any.whl", pack_zip(entries, MTIME))
    return pack_zip({**entries, **wheel.rewritten(draft).tree.files}, MTIME)


def source_tree(code: Mapping[str, bytes], **others: bytes) -> SourceTree:
    """A source tree of `Pkg` 1.0 that setuptools builds."""
    files = {"PKG-INFO": METADATA, "setup.py": b"from setuptools import setup\nsetup()\n", "LICENSE": b"MIT\n"}
    return SourceTree(files={**files, **code, **others})


def pin_of(folder: Path, tree: SourceTree, data: bytes | None) -> Pin:
    """A pin of the given source and wheel."""
    path = folder / "Pkg-1.0-py3-none-any.whl"
    if data is not None:
        path.write_bytes(data)
    sdist = folder / "Pkg-1.0.tar.gz"
    sdist.write_bytes(pack_targz(tree, "Pkg-1.0", MTIME))
    component = Component(ecosystem=EcosystemName.PYPI, name="pkg", version="1.0")
    return Pin(component=component, tree=tree, sdist=sdist, wheel=path if data else None, released=None)


def patched_wheel(folder: Path, source: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """The code of the wheel rebuilt after `changes` to a source tree of which `CODE` was built."""
    tree = source_tree(source)
    built = rebuild(pin_of(folder, tree, wheel_bytes(CODE)), tree.replacing(changes), 1, MTIME)
    return wheel.read(OURS, built.files[OURS]).code if OURS in built.files else {}


@pytest.mark.parametrize("prefix", ["", "src/", "python3/lib/"])
def test_a_changed_file_is_found_in_the_wheel(tmp_path: Path, prefix: str) -> None:
    """Wherever the source keeps its packages, the same bytes lead to the member."""
    source = {prefix + path: data for path, data in CODE.items()}
    code = patched_wheel(tmp_path, source, {f"{prefix}pkg/a.py": b"a = 2\n"})
    assert code == CODE | {"pkg/a.py": b"a = 2\n"}


def test_files_are_added_beside_their_siblings_and_removed(tmp_path: Path) -> None:
    """New modules and new packages go where their neighbours went; deleted ones are gone."""
    source = {"src/" + path: data for path, data in CODE.items()}
    changes = {
        "src/pkg/sub/new.py": b"n",
        "src/pkg/fresh/__init__.py": b"f",
        "src/pkg/b.py": None,
        "src/pkg/a.py": b"2",
    }
    expected = CODE | {"pkg/sub/new.py": b"n", "pkg/fresh/__init__.py": b"f", "pkg/a.py": b"2"}
    del expected["pkg/b.py"]
    assert patched_wheel(tmp_path, source, changes) == expected


def test_files_that_the_wheel_never_had_stay_out(tmp_path: Path) -> None:
    """Tests and documents are not added to a wheel, changed or new."""
    source = CODE | {"tests/test_a.py": b"old"}
    changes = {"pkg/a.py": b"2", "tests/test_a.py": b"new", "tests/test_new.py": b"new", "pkg/notes.txt": b"new"}
    assert patched_wheel(tmp_path, source, changes) == CODE | {"pkg/a.py": b"2"}


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ({"pkg/a.py": b"a = 1\r\n"}, {"pkg/a.py": b"a = 2\r\n"}),
        ({"python2/pkg/a.py": b"a = 1\n", "python3/pkg/a.py": b"a = 1\n"}, {"python2/pkg/a.py": b"a = 2\n"}),
        ({}, {"setup.py": b"setup(name='Pkg')"}),
        ({}, {"pkg/a.py": b"2", "pyproject.toml": b""}),
        ({"tests/t.py": b"1"}, {"tests/t.py": b"2"}),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_over_surely_is_not_carried_over(
    tmp_path: Path, source: dict[str, bytes], changes: dict[str, bytes | None]
) -> None:
    """Other bytes, two origins, changed build files, no changed member: no wheel by this route, but a reason."""
    base = {path: data for path, data in CODE.items() if not any(each.endswith(path) for each in source)}
    tree = source_tree(base | source)
    built = rebuild(pin_of(tmp_path, tree, wheel_bytes(CODE)), tree.replacing(changes), 1, MTIME)
    assert (OURS in built.files, built.facts["route"], bool(built.problems)) == (False, "build", True)


def test_only_names_version_and_record_change_beside_the_patch(tmp_path: Path) -> None:
    """METADATA keeps every other line, code keeps `__version__`, licences stay."""
    tree = source_tree(CODE)
    built = rebuild(pin_of(tmp_path, tree, wheel_bytes(CODE)), tree.replacing({"pkg/a.py": b"2"}), 1, MTIME)
    files = dict(unpack(built.files[OURS]).files)
    del files["Pkg-1.0+avr.1.dist-info/RECORD"]
    assert files == CODE | {
        "pkg/a.py": b"2",
        "Pkg-1.0+avr.1.dist-info/METADATA": METADATA.replace(b"\nVersion: 1.0\n", b"\nVersion: 1.0+avr.1\n"),
        "Pkg-1.0+avr.1.dist-info/LICENSE": b"MIT\n",
    }


def test_the_record_is_true(tmp_path: Path) -> None:
    """RECORD lists every member with its digest and size, itself without, at the end."""
    tree = source_tree(CODE)
    built = rebuild(pin_of(tmp_path, tree, wheel_bytes(CODE)), tree.replacing({"pkg/a.py": b"2"}), 1, MTIME)
    archive = zipfile.ZipFile(io.BytesIO(built.files[OURS]))
    names = archive.namelist()
    rows = list(csv.reader(io.StringIO(archive.read(names[-1]).decode())))
    expected = []
    for name in names[:-1]:
        digest = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).decode().rstrip("=")
        expected.append([name, f"sha256={digest}", str(len(archive.read(name)))])
    assert rows == [*expected, [names[-1], "", ""]]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Wheel and source archive, byte for byte."""
    tree = source_tree(CODE)
    pin = pin_of(tmp_path, tree, wheel_bytes(CODE))
    one, two = (rebuild(pin, tree.replacing({"pkg/a.py": b"2"}), 1, MTIME).files for _ in range(2))
    assert (one, sorted(one)) == (two, [OURS, "pkg-1.0+avr.1.tar.gz"])


def test_facts_tell_what_equals_the_registry(tmp_path: Path) -> None:
    """How many files of the wheel are the source's, which are not, which changed."""
    tree = source_tree({path: data for path, data in CODE.items() if path != "pkg/b.py"})
    built = rebuild(pin_of(tmp_path, tree, wheel_bytes(CODE)), tree.replacing({"pkg/a.py": b"2"}), 1, MTIME)
    names = ["unpatched_differs_from_registry", "wheel_files_equal_to_source", "wheel_files_not_in_source",
             "wheel_files_changed", "route"]  # fmt: skip
    assert [built.facts[name] for name in names] == [[], 3, ["pkg/b.py"], ["pkg/a.py"], "repack"]


def test_a_wheel_whose_record_lies_is_noticed() -> None:
    """A repacked registry wheel that differs from the registry's is told by member."""
    entries = dict(unpack(wheel_bytes(CODE)).files) | {"pkg/a.py": b"tampered"}
    lying = wheel.read("Pkg-1.0-py3-none-any.whl", pack_zip(entries, MTIME))
    assert wheel.differences(lying) == ["Pkg-1.0.dist-info/RECORD"]


def test_a_signature_of_the_old_record_is_dropped_and_old_json_follows() -> None:
    """RECORD.jws would be wrong; metadata.json of old wheels states the version too."""
    data = wheel_bytes(CODE, **{"RECORD.jws": b"x", "metadata.json": b'{"version": "1.0", "x": "1.0"}'})
    made = wheel.rewritten(wheel.read("Pkg-1.0-py3-none-any.whl", data), "1.0+avr.1")
    found = {path.split("/")[1]: text for path, text in made.tree.files.items() if path.startswith(made.info)}
    assert (sorted(found), found["metadata.json"]) == (
        ["LICENSE", "METADATA", "RECORD", "metadata.json"], b'{"version": "1.0+avr.1", "x": "1.0"}',
    )  # fmt: skip


def test_a_wheel_without_metadata_is_refused() -> None:
    """An archive that only calls itself a wheel is an error."""
    with pytest.raises(AvrError) as error:
        wheel.read("Pkg-1.0-py3-none-any.whl", pack_zip(CODE, MTIME))
    assert error.value.code == "wheel.metadata"


@pytest.mark.parametrize(
    ("cfg", "expected"),
    [
        (b"", b"[egg_info]\ntag_build = +avr.1\ntag_date = 0\n"),
        (b"[egg_info]\ntag_build = \ntag_date = 0\n", b"[egg_info]\ntag_build = +avr.1\ntag_date = 0\n"),
        (b"[egg_info]\ntag_date = 0\n\n[x]\ny = 1\n", b"[egg_info]\ntag_build = +avr.1\ntag_date = 0\n\n[x]\ny = 1\n"),
        (b"[egg_info]\ntag_build = .post1\n", b"[egg_info]\ntag_build = .post1+avr.1\n"),
        (b"[x]\ny = %(z)s\n", b"[x]\ny = %(z)s\n\n[egg_info]\ntag_build = +avr.1\ntag_date = 0\n"),
    ],
)
def test_setuptools_is_told_the_version_by_a_tag(cfg: bytes, expected: bytes) -> None:
    """The rest of setup.cfg stays."""
    result = stamped(source_tree(CODE, **{"setup.cfg": cfg}), "1.0+avr.1", "+avr.1")
    assert (result.tree.files["setup.cfg"], result.tree.files["PKG-INFO"]) == (
        expected, METADATA.replace(b"\nVersion: 1.0\n", b"\nVersion: 1.0+avr.1\n"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("backend", "text", "expected"),
    [
        ("poetry.core.masonry.api", '[tool.poetry]\nversion = "1.0" # v\n',
         '[tool.poetry]\nversion = "1.0+avr.1" # v\n'),
        ("flit_core.buildapi", '[project]\nname = "p"\nversion = "1.0"\n',
         '[project]\nname = "p"\nversion = "1.0+avr.1"\n'),
        ("hatchling.build", '[project]\nname = "p"\ndynamic = ["version", "readme"]\n',
         '[project]\nname = "p"\ndynamic = ["readme"]\nversion = "1.0+avr.1"\n'),
    ],
)  # fmt: skip
def test_other_backends_are_told_by_a_static_version(backend: str, text: str, expected: str) -> None:
    """In pyproject.toml, with its comments and order kept, and no longer dynamic."""
    head = f'[build-system]\nbuild-backend = "{backend}"\n'
    result = stamped(source_tree(CODE, **{"pyproject.toml": (head + text).encode()}), "1.0+avr.1", "+avr.1")
    assert result.tree.files["pyproject.toml"].decode() == head + expected


@pytest.mark.parametrize(
    "text",
    ["[build-system", '[build-system]\nbuild-backend = "maturin"\n', '[build-system]\nbuild-backend = "flit_core.x"\n'],
)
def test_a_source_archive_whose_version_cannot_be_told_is_a_problem(tmp_path: Path, text: str) -> None:
    """No archive rather than one that builds as the unpatched version."""
    tree = source_tree(CODE, **{"pyproject.toml": text.encode()})
    built = rebuild(pin_of(tmp_path, tree, wheel_bytes(CODE)), tree.replacing({"pkg/a.py": b"2"}), 1, MTIME)
    assert (list(built.files), [each.startswith("no source archive") for each in built.problems]) == ([OURS], [True])


def test_a_pin_known_by_its_wheel_alone_is_rebuilt_too(tmp_path: Path) -> None:
    """The wheel is its own source; there is no source archive, and the result says so."""
    data = wheel_bytes(CODE)
    pin = replace(pin_of(tmp_path, unpack(data), data), sdist=None, from_wheel=True)
    built = rebuild(pin, pin.tree.replacing({"pkg/a.py": b"2"}), 1, MTIME)
    assert (list(built.files), wheel.read(OURS, built.files[OURS]).code, len(built.problems)) == (
        [OURS], CODE | {"pkg/a.py": b"2"}, 1,
    )  # fmt: skip


@pytest.mark.index
@pytest.mark.parametrize(
    ("name", "version", "changed", "member"),
    [("jinja2", "2.11.2", "src/jinja2/utils.py", "jinja2/utils.py"), ("waitress", "1.3.1", "waitress/parser.py", None)],
)
def test_a_real_pin_is_rebuilt(tmp_path: Path, name: str, version: str, changed: str, member: str | None) -> None:
    """Old releases of the configured index: unpatched they are the registry's own, patched one member differs."""
    component = Component(ecosystem=EcosystemName.PYPI, name=name, version=version)
    found = source.pin(component, PyPIRegistry(tmp_path, index_config.load()))
    patched = found.tree.replacing({changed: found.tree.files[changed] + b"# patched\n"})
    facts = rebuild(found, patched, 1, MTIME).facts
    told = [facts[name] for name in ("unpatched_differs_from_registry", "wheel_files_changed", "route")]
    assert told == [[], [member or changed], "repack"]


def fake_builder(tree: SourceTree) -> BuiltWheel:
    """A build that puts the package into a wheel, and takes the version from the tag in setup.cfg."""
    code = {path: data for path, data in tree.files.items() if path.startswith("pkg/")}
    data = wheel_bytes(code)
    if tag := (tree.get("setup.cfg") or b"").partition(b"tag_build = ")[2].split(b"\n")[0].decode():
        data = pack_zip(wheel.rewritten(wheel.read("Pkg-1.0-py3-none-any.whl", data), f"1.0{tag}").tree.files, MTIME)
    return BuiltWheel(filename="Pkg-1.0-py3-none-any.whl", data=data, tools=("CPython 3.8.18", "setuptools==59.6.0"))


def test_without_a_wheel_on_the_registry_one_is_built(tmp_path: Path) -> None:
    """Both trees are built; what differs is told; the wheel carries our version."""
    tree = source_tree(CODE)
    built = rebuild(pin_of(tmp_path, tree, None), tree.replacing({"pkg/a.py": b"2"}), 1, MTIME, fake_builder)
    told = [built.facts[name] for name in ("route", "wheel_files_changed", "sdist_builds", "build_tools")]
    assert (wheel.read(OURS, built.files[OURS]).code, told) == (
        CODE | {"pkg/a.py": b"2"}, ["build", ["pkg/a.py"], "yes", ["CPython 3.8.18", "setuptools==59.6.0"]],
    )  # fmt: skip


def test_a_build_that_does_not_hold_the_patch_makes_no_wheel(tmp_path: Path) -> None:
    """A wheel without the fix must never be called fixed."""
    tree = source_tree(CODE | {"scripts/x.py": b"1"})
    built = rebuild(pin_of(tmp_path, tree, None), tree.replacing({"scripts/x.py": b"2"}), 1, MTIME, fake_builder)
    assert ([name for name in built.files if name.endswith(".whl")], len(built.problems)) == ([], 1)


def test_a_failed_build_is_a_problem_with_its_reason(tmp_path: Path) -> None:
    """The source archive is made nevertheless."""

    def failing(_: SourceTree) -> BuiltWheel:
        raise AvrError("build.failed", "no compiler")

    tree = source_tree(CODE)
    built = rebuild(pin_of(tmp_path, tree, None), tree.replacing({"pkg/a.py": b"2"}), 1, MTIME, failing)
    assert (list(built.files), "no compiler" in built.problems[0]) == (["pkg-1.0+avr.1.tar.gz"], True)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.0", "1.0+avr.2"), ("1.0+cu118", "1.0+cu118.avr.2"), ("1.0rc1", "1.0rc1+avr.2"), ("1!1.0", "1!1.0+avr.2")],
)
def test_our_versions_satisfy_exact_pins(version: str, expected: str) -> None:
    """A local part is added, or the one that is there is continued."""
    assert versions.patched(version, 2) == expected


@pytest.mark.parametrize(("left", "right", "same"), [("1.0", "1.0.0", True), ("1.0", "1.1", False), ("x", "x", True)])
def test_versions_are_compared_by_pep_440(left: str, right: str, same: bool) -> None:
    """Trailing zeros do not matter."""
    assert versions.same(left, right) == same
