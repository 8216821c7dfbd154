"""`avr verify` at the terminal, as far as it goes without an index."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from avr.cli.main import run
from avr.errors import ExitCode
from avr.stages.deliver import layout
from avr.stages.deliver.publish import write_report
from avr.testing import deliveries
from avr.testing.tiny import TinyEcosystem
from avr.tools.signing import load_key


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signed output folder without a release."""
    monkeypatch.setenv("AVR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AVR_CACHE", str(tmp_path / "cache"))
    report = deliveries.report(deliveries.delivery(TinyEcosystem(tmp_path / "index")))
    write_report(replace(report, components=()), tmp_path / "out", load_key(tmp_path / "home"))
    return tmp_path / "out"


def test_a_sound_folder_ends_with_zero(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every check has its line; using the folder's own key is warned of."""
    assert run(["verify", str(out)]) == ExitCode.OK
    shown = capsys.readouterr()
    assert "ok          files: 3 files are what the manifest says" in shown.out
    assert "--key" in shown.err


def test_a_changed_file_ends_with_four(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is named."""
    (out / layout.REPORT_HTML).write_bytes(b"other")
    assert run(["verify", str(out)]) == ExitCode.PROOF_FAILED
    assert "FAILED      files: 'report.html' was changed" in capsys.readouterr().out


def test_json_holds_the_same(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Checks, warnings and the exit code, for machines."""
    assert run(["verify", str(out), "--format", "json", "--key", str(out / layout.PUBLIC_KEY)]) == ExitCode.OK
    body = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in body["checks"]] == ["manifest", "files"]
    assert (body["exit_code"], body["warnings"]) == (0, [])


@pytest.mark.parametrize("arguments", [["none"], ["."], ["out", "--key", "none.pem"]])
def test_what_is_not_there_ends_with_two(out: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder, no manifest, no key: usage."""
    monkeypatch.chdir(out.parent)
    assert run(["verify", *arguments]) == ExitCode.USAGE


def test_names_of_files_cannot_steer_the_terminal(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters of an extra file's name are not printed."""
    (out / "x\x1b[2Jy").write_bytes(b"")
    assert run(["verify", str(out)]) == ExitCode.PROOF_FAILED
    assert "\x1b[2J" not in capsys.readouterr().out


def test_a_key_that_is_none_fails(out: Path, tmp_path: Path) -> None:
    """A file that holds no key proves nothing."""
    (tmp_path / "key.pem").write_bytes(b"no key")
    assert run(["verify", str(out), "--key", str(tmp_path / "key.pem")]) == ExitCode.PROOF_FAILED
