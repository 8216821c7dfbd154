"""Builds from source run in the sandbox, and what they leave behind is not trusted."""

from pathlib import Path

import pytest

from avr.ecosystems.interface import Pin
from avr.ecosystems.pypi import index_config, wheel
from avr.ecosystems.pypi.build import SandboxBuilder
from avr.ecosystems.pypi.interpreters import Interpreter, discover
from avr.ecosystems.pypi.uv import Uv
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree

SETUP = "from setuptools import setup\n{before}\nsetup(name='pkg', version='{version}', py_modules=['pkg'])\n"

LINK = """
import atexit, glob, os
def swap():
    for each in glob.glob('/results/*.whl'):
        os.remove(each)
        os.symlink('/etc/passwd', each)
atexit.register(swap)
"""


def source_tree(before: str = "", version: str = "1.0") -> SourceTree:
    """A package whose setup.py does more than it should."""
    setup = SETUP.format(before=before, version=version)
    return SourceTree(files={"setup.py": setup.encode(), "pkg.py": b"x = 1\n"})


def builder(
    folder: Path, interpreters: list[Interpreter] | None = None, locked: tuple[str, ...] = ()
) -> SandboxBuilder:
    """A builder of `pkg` 1.0 with the interpreters of this machine."""
    component = Component(ecosystem=EcosystemName.PYPI, name="pkg", version="1.0")
    pin = Pin(component=component, tree=source_tree(), sdist=None, wheel=None, released=None)
    newest = sorted(discover(), key=lambda each: each.version)[-1:] if interpreters is None else interpreters
    uv = Uv(cache=folder / "uv", index=index_config.load().uv_environment())
    return SandboxBuilder(pin=pin, interpreters=newest, uv=uv, cache=folder, seconds=60, locked=locked)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all builds."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.sandbox
@pytest.mark.index
def test_a_wheel_is_built_without_any_build_file_but_setup_py(cache: Path) -> None:
    """The legacy backend of setuptools is used, and what it was built with is told."""
    built = builder(cache)(source_tree())
    found = wheel.read(built.filename, built.data)
    assert (built.filename, found.code, built.tools[0].startswith("CPython 3.")) == (
        "pkg-1.0-py3-none-any.whl", {"pkg.py": b"x = 1\n"}, True,
    )  # fmt: skip


@pytest.mark.sandbox
@pytest.mark.index
@pytest.mark.parametrize(
    "tree",
    [
        source_tree(before="import socket; socket.create_connection(('192.0.2.1', 80), 5)"),
        source_tree(before="raise SystemExit(3)"),
        source_tree(version="6.6.6"),
        source_tree(before=LINK),
    ],
    ids=["network", "failure", "other version", "link"],
)
def test_a_build_that_fails_or_cheats_makes_no_wheel(cache: Path, tree: SourceTree) -> None:
    """No network, no other version, no link in place of the wheel."""
    with pytest.raises(AvrError) as error:
        builder(cache)(tree)
    assert error.value.code == "build.failed"


@pytest.mark.sandbox
@pytest.mark.index
def test_a_build_can_be_repeated_with_the_tools_it_named(cache: Path) -> None:
    """The lock of the first build gives the same wheel again."""
    first = builder(cache)(source_tree())
    assert builder(cache, locked=first.tools)(source_tree()) == first


def test_without_an_interpreter_nothing_is_built(tmp_path: Path) -> None:
    """The error says which tools are missing."""
    with pytest.raises(AvrError) as error:
        builder(tmp_path, [])(source_tree())
    assert error.value.code == "build.no-tools"
