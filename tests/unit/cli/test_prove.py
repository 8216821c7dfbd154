"""`avr prove` at its edge: bad input gets a message and a code."""

from pathlib import Path

import pytest

from avr.cli.main import run
from avr.errors import ExitCode


def test_no_capsule_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a hint where capsules are."""
    assert ExitCode.USAGE == run(["prove", str(tmp_path / "none.capsule.zip")])
    assert "capsule.zip" in capsys.readouterr().err


def test_something_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of it runs."""
    (tmp_path / "x.capsule.zip").write_bytes(b"no zip")
    assert ExitCode.PROOF_FAILED == run(["prove", str(tmp_path / "x.capsule.zip")])
    assert "x.capsule.zip" in capsys.readouterr().err


def test_collecting_needs_an_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--collect` and `--offline` say opposite things."""
    both = ["--collect", str(tmp_path), "--offline", str(tmp_path)]
    assert ExitCode.USAGE == run(["prove", str(tmp_path / "x.capsule.zip"), *both])
    assert "exclude" in capsys.readouterr().err


def test_an_offline_folder_must_be_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing mistake is no empty folder."""
    assert ExitCode.USAGE == run(["prove", str(tmp_path / "x.capsule.zip"), "--offline", str(tmp_path / "typo")])
    assert "typo" in capsys.readouterr().err


def test_a_key_must_be_readable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pinning a key that is not there pins nothing, so nothing goes on."""
    (tmp_path / "x.capsule.zip").write_bytes(b"no zip")
    assert ExitCode.USAGE == run(["prove", str(tmp_path / "x.capsule.zip"), "--key", str(tmp_path / "none.pem")])
    assert "none.pem" in capsys.readouterr().err
