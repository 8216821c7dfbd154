"""`avr fix`: what it refuses before any work."""

import json
from pathlib import Path

import pytest

from avr.cli.main import run


def test_a_project_of_npm_is_refused_with_a_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own tests cannot be run yet; nothing is fetched and nothing is written."""
    packages = {"": {}, "node_modules/harmless": {"version": "1.0.0"}}
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"lockfileVersion": 3, "packages": packages}))
    assert run(["fix", str(lock), "--project", str(tmp_path), "-o", str(tmp_path / "out")]) == 2
    assert "project.ecosystem" in capsys.readouterr().err
    assert not list((tmp_path / "out").glob("*"))
