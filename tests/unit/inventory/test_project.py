"""A project is read without what is not its own, within limits."""

from pathlib import Path

import pytest

from avr.errors import UsageError
from avr.inventory import project


def test_caches_environments_outputs_and_links_are_left_out(tmp_path: Path) -> None:
    """What a suite may need stays, executable bits too."""
    for name in (
        "app.py",
        "tests/data/x.bin",
        ".git/config",
        "env/pyvenv.cfg",
        "env/lib/y.py",
        "src/__pycache__/a.pyc",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "avr-out").mkdir()
    (tmp_path / "avr-out" / "manifest.dsse.json").write_bytes(b"{}")
    (tmp_path / "run.sh").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("/etc/passwd")
    tree = project.read(tmp_path)
    assert sorted(tree) == ["app.py", "run.sh", "tests/data/x.bin"]
    assert tree.executable == {"run.sh"}


def test_a_project_that_is_too_big_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder named by mistake is not read whole."""
    monkeypatch.setattr(project, "MOST_FILES", 2)
    for name in "abc":
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(UsageError, match="more than") as raised:
        project.read(tmp_path)
    assert raised.value.code == "project.too-big"


def test_a_file_is_no_project(tmp_path: Path) -> None:
    """The folder is asked for."""
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(UsageError, match="no folder"):
        project.read(tmp_path / "a")
