"""What isolates is chosen at the command line, and that nothing shall is said with `unsafe` alone."""

import os
from pathlib import Path

import pytest

from avr.cli.main import run
from avr.errors import ExitCode
from avr.tools import sandbox
from avr.tools.sandbox.choice import _PERMISSION


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A requirements file without findings."""
    for name in ("HOME", "CACHE"):
        monkeypatch.setenv(f"AVR_{name}", str(tmp_path / name))
    monkeypatch.setenv("AVR_SANDBOX", "auto")
    monkeypatch.setattr(_PERMISSION, "unsafe", False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clean.txt").write_text("avr-no-such-package==1.0\n")
    return tmp_path


@pytest.fixture
def bare(clean: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same on a machine where no sandbox can be made."""
    (clean / "bin").mkdir()
    for name in ("bwrap", "podman"):
        (clean / "bin" / name).write_text("#!/bin/sh\nexit 1\n")
        (clean / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{clean / 'bin'}:{os.environ['PATH']}")
    return clean


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("verb", ["fix", "affected", "prove", "verify"])
def test_there_is_no_choice_of_none(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    """Every verb that runs code of others takes the option, and none of them takes that value."""
    assert ExitCode.USAGE == run([verb, "--sandbox", "none", "x"])
    assert "'auto', 'bubblewrap', 'container'" in capsys.readouterr().err


@pytest.mark.usefixtures("clean")
def test_the_command_line_stands_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The word that was typed last wins."""
    monkeypatch.setenv("AVR_SANDBOX", "container")
    assert ExitCode.OK == run(["fix", "clean.txt", "--sandbox", "bubblewrap", "--format", "json"])
    assert "bubblewrap" == os.environ["AVR_SANDBOX"]


@pytest.mark.sandbox
@pytest.mark.usefixtures("clean")
def test_the_unsafe_word_is_a_permission_and_no_wish(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a sandbox can be made it is made."""
    assert ExitCode.OK == run(["fix", "clean.txt", "--unsafe-no-sandbox"])
    assert "changes nothing: bubblewrap works and is used" in capsys.readouterr().err
    assert "bubblewrap" == sandbox.facts()["sandbox"]


@pytest.mark.skipif(os.geteuid() != 0, reason="without isolation avr has to be root to give up its rights")
@pytest.mark.usefixtures("bare")
def test_no_isolation_is_said_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    """A warning on standard error, also where standard output is for programs."""
    assert ExitCode.OK == run(["fix", "clean.txt", "--unsafe-no-sandbox", "--format", "json"])
    assert "WARNING: NO SANDBOX" in capsys.readouterr().err
    assert sandbox.is_unsafe()


@pytest.mark.usefixtures("bare")
def test_without_the_word_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is warned of, and nothing could run."""
    assert ExitCode.OK == run(["fix", "clean.txt"])
    assert "WARNING" not in capsys.readouterr().err
    assert not sandbox.is_unsafe()
    assert "" == sandbox.taken()
