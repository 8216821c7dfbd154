"""`avr undo` at the terminal."""

from pathlib import Path

import pytest

from avr.cli.main import run
from avr.errors import ExitCode
from avr.stages.deliver.ledger import Ledger


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that was rewritten from `AVR_HOME`."""
    monkeypatch.setenv("AVR_HOME", str(tmp_path / "home"))
    path = tmp_path / "requirements.txt"
    path.write_bytes(b"old")
    Ledger(tmp_path / "home" / "ledger").replace({path: b"new"})
    return path


def test_undo_names_what_it_restored(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is as it was, and its path is printed."""
    assert run(["undo"]) == ExitCode.OK
    assert (capsys.readouterr().out, file.read_bytes()) == (f"restored {file}\n", b"old")


def test_an_edited_file_needs_force(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The refusal is a usage error that names the way out."""
    file.write_bytes(b"mine")
    assert run(["undo", str(file)]) == ExitCode.USAGE
    assert "--force" in capsys.readouterr().err
    assert run(["undo", str(file), "--force"]) == ExitCode.OK
    assert file.read_bytes() == b"old"


def test_nothing_to_undo_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger is a usage error."""
    monkeypatch.setenv("AVR_HOME", str(tmp_path))
    assert run(["undo"]) == ExitCode.USAGE
