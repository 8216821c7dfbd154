"""`avr doctor` tells which sandboxes work, which is taken, and what to install."""

import json
from pathlib import Path

import pytest

from avr.cli.main import run


def checks(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    """The checks by name."""
    run(["doctor", "--format", "json"])
    return {each["name"]: each for each in json.loads(capsys.readouterr().out)["checks"]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of our own, and an index that is nobody's."""
    monkeypatch.setenv("AVR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AVR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.delenv("AVR_SANDBOX", raising=False)


@pytest.mark.sandbox
def test_the_sandbox_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each backend, one for the choice."""
    found = checks(capsys)
    assert {"sandbox by bubblewrap", "sandbox by container", "sandbox"} <= set(found)
    assert "bubblewrap is taken (AVR_SANDBOX=auto)" in str(found["sandbox"]["detail"])


def test_what_is_missing_comes_with_its_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each backend by itself is no need; that none works is."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = checks(capsys)
    for name, package in (("bubblewrap", "bubblewrap"), ("container", "podman")):
        check = found[f"sandbox by {name}"]
        assert (False, False) == (check["ok"], check["required"])
        assert f"install -y {package}" in str(check["detail"])
    assert (False, True) == (found["sandbox"]["ok"], found["sandbox"]["required"])
    assert "install -y bubblewrap" in str(found["sandbox"]["hint"])
