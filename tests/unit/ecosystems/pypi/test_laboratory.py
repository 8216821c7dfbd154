"""The conditions of a proof made again: the right interpreter, or a message that says which one to install."""

from dataclasses import replace
from pathlib import Path

import pytest

from avr.config import Settings
from avr.ecosystems.pypi.interpreters import Interpreter
from avr.ecosystems.pypi.laboratory import PyPILaboratory
from avr.errors import AvrError, ExitCode
from avr.model.capsule import Conditions, NamedFile
from avr.model.identifiers import Digest
from avr.testing import build
from avr.testing.tiny import TREE, TinyEcosystem

WANTED = Conditions(interpreter=(3, 8, 18), packages=())


def _laboratory(folder: Path, *versions: tuple[int, int, int]) -> PyPILaboratory:
    here = [Interpreter(version=each, executable=folder / "python", prefix=folder) for each in versions]
    return PyPILaboratory(settings=Settings(home=folder, cache=folder), available=here)


def test_the_very_version_is_taken(tmp_path: Path) -> None:
    """Even where a newer one of the same minor version is here."""
    assert "CPython 3.8.18" == _laboratory(tmp_path, (3, 8, 10), (3, 8, 18), (3, 8, 20)).require(WANTED)


def test_another_patch_version_is_said(tmp_path: Path) -> None:
    """It is taken, and the output tells."""
    assert "CPython 3.8.20 (proved with 3.8.18)" == _laboratory(tmp_path, (3, 8, 10), (3, 8, 20)).require(WANTED)


def test_a_missing_interpreter_says_what_to_install(tmp_path: Path) -> None:
    """Another minor version is none."""
    with pytest.raises(AvrError) as caught:
        _laboratory(tmp_path, (3, 9, 18)).require(WANTED)
    assert ("prove.no-interpreter", ExitCode.ENVIRONMENT) == (caught.value.code, caught.value.exit_code)
    assert "pyenv install 3.8.18" in caught.value.hint


def test_wheels_for_another_kind_of_machine_are_named(tmp_path: Path) -> None:
    """They would not run here, and no other ones were part of the proof."""
    name = "dep-1.0-cp38-cp38-win32.whl"
    foreign = NamedFile(package="dep", version="1.0", filename=name, sha256=Digest("1" * 64))
    with pytest.raises(AvrError, match="another kind of machine"):
        _laboratory(tmp_path, (3, 8, 18)).require(replace(WANTED, packages=(foreign,)))


def test_the_pin_is_made_from_its_files_alone(tmp_path: Path) -> None:
    """The same tree as from an index."""
    original = TinyEcosystem(tmp_path).pin(build.component())
    assert original.sdist is not None
    assert original.wheel is not None
    made = _laboratory(tmp_path, (3, 8, 18)).pin(build.component(), [original.wheel, original.sdist])
    assert (TREE.files, original.wheel) == (made.tree.files, made.wheel)
