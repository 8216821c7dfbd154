"""The lock file of a capsule: one wheel for each dependency, read as hostile."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from avr.ecosystems.pypi import pylock
from avr.ecosystems.pypi.interpreters import Interpreter, discover
from avr.ecosystems.pypi.uv import Unresolved, Uv
from avr.errors import AvrError, ProofError
from avr.model.capsule import Conditions, NamedFile
from avr.model.identifiers import Digest

OLD = Interpreter(version=(3, 7, 16), executable=Path("/opt/python"), prefix=Path("/opt"))
ONE, TWO = Digest("1" * 64), Digest("2" * 64)
CONDITIONS = Conditions(
    interpreter=(3, 7, 16),
    packages=(
        NamedFile(package="dep", version="1.0", filename="dep-1.0-py3-none-any.whl", sha256=ONE),
        NamedFile(package="zope-x", version="2.0", filename="zope.x-2.0-cp37-cp37m-manylinux1_x86_64.whl", sha256=TWO),
    ),
    script="tests/runtests.py",
)


def test_what_is_written_is_read_again() -> None:
    """The same conditions, and always the same bytes."""
    assert (CONDITIONS, pylock.dumps(CONDITIONS)) == (pylock.loads(pylock.dumps(CONDITIONS)), pylock.dumps(CONDITIONS))


def test_no_address_is_written() -> None:
    """Whoever reads it asks the index that they know."""
    assert b"://" not in pylock.dumps(CONDITIONS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("wheels/dep-1.0", "../dep-1.0"),
        ("wheels/dep-1.0", "https://evil.invalid/dep-1.0"),
        ("dep-1.0-py3", "other-1.0-py3"),
        ("dep-1.0-py3", "dep-1.1-py3"),
        ("any.whl", "any x.whl"),
        ("any.whl", "any\\u0000.whl"),
        ("1" * 64, "1" * 63),
        ("tests/runtests.py", "/etc/passwd"),
        ("tests/runtests.py", "../../x.py"),
        ("3.7.16", "3.7"),
        ("lock-version", "[["),
    ],
)
def test_a_hostile_lock_is_refused(old: str, new: str) -> None:
    """Names that say something else, paths that lead out, digests that are none."""
    with pytest.raises(ProofError) as caught:
        pylock.loads(pylock.dumps(CONDITIONS).replace(old.encode(), new.encode()))
    assert "capsule.lock" == caught.value.code


def _wheel(name: str, digest: str, place: str = "url") -> str:
    where = f"https://index.invalid/files/{name}" if place == "url" else name
    return f'{{ {place} = "{where}", hashes = {{ sha256 = "{digest}" }} }}'


def _unasked(package: str, version: str) -> Mapping[str, str]:
    raise AssertionError((package, version))


def test_where_uv_names_no_wheel_the_index_is_asked() -> None:
    """As for compiled wheels of Python 2, which uv takes and does not list."""
    found = b'[[packages]]\nname = "dep"\nversion = "1.0"\n'
    wheels = {"dep-1.0-cp37-cp37m-manylinux1_x86_64.whl": TWO, "dep-1.0-cp38-cp38-manylinux1_x86_64.whl": ONE}
    (chosen,) = pylock.choose(found, OLD, {}, lambda _package, _version: wheels)
    assert TWO == chosen.sha256
    with pytest.raises(AvrError, match="no wheel"):
        pylock.choose(found, OLD, {}, lambda _package, _version: {})


def test_the_best_wheel_is_chosen() -> None:
    """Of those that uv names, the one that the interpreter itself would take."""
    wheels = [
        _wheel("Dep-1.0-py2.py3-none-any.whl", "1" * 64),
        _wheel("Dep-1.0-cp37-cp37m-manylinux1_x86_64.whl", "2" * 64),
        _wheel("Dep-1.0-cp38-cp38-manylinux1_x86_64.whl", "3" * 64),
    ]
    found = f'[[packages]]\nname = "dep"\nversion = "1.0"\nwheels = [{", ".join(wheels)}]\n'
    (chosen,) = pylock.choose(found.encode(), OLD, {}, _unasked)
    assert ("dep", TWO) == (chosen.package, chosen.sha256)


def test_a_wheel_that_was_built_here_has_its_own_digest() -> None:
    """It is known by its name, and no index knows it."""
    wheel = _wheel("dep-1.0-py3-none-any.whl", "1" * 64, "path")
    found = f'[[packages]]\nname = "dep"\nversion = "1.0"\nwheels = [{wheel}]\n'
    (chosen,) = pylock.choose(found.encode(), OLD, {"dep-1.0-py3-none-any.whl": b"built"}, _unasked)
    assert hashlib.sha256(b"built").hexdigest() == chosen.sha256


@pytest.mark.parametrize(("version", "abi"), [((2, 7, 18), "cp27m"), ((3, 6, 1), "cp36m"), ((3, 12, 0), "cp312")])
def test_abis_have_the_marks_of_their_time(version: tuple[int, int, int], abi: str) -> None:
    """Up to 3.7 interpreters name their allocator; of 2.7 uv takes the narrow ones."""
    found = pylock.tags(Interpreter(version=version, executable=Path("/x"), prefix=Path("/")))
    assert abi == found[0].abi


def test_without_an_index_uv_asks_none(tmp_path: Path) -> None:
    """Uv reads no variable for that, so it is told by its option."""
    here = next(iter(_interpreters()))
    uv = Uv(cache=tmp_path / "uv", index={"UV_NO_INDEX": "1", "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"})
    assert isinstance(uv.resolve(["dep==1.0"], here), Unresolved)


def _interpreters() -> tuple[Interpreter, ...]:
    return tuple(each for each in discover() if each.minor >= (3, 8))
