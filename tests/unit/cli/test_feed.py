"""`avr feed`: importing and telling what is known."""

import json
from pathlib import Path

import pytest

from avr.cli.main import run


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVR_HOME", str(tmp_path / "home"))


def record(name: str) -> str:
    """A record about the package `avr-sample`."""
    part = {"package": {"ecosystem": "PyPI", "name": "avr-sample"}, "versions": ["1.0"]}
    return json.dumps({"id": name, "modified": "2024-01-01T00:00:00Z", "affected": [part]})


def test_an_imported_record_is_found_by_a_scan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The malformed one beside it is named; the snapshot's age is no longer told."""
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "good.json").write_text(record("T-1"))
    (tmp_path / "feed" / "bad.json").write_text("{")
    assert run(["feed", "import", str(tmp_path / "feed")]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 added, 0 changed")
    assert "bad.json: malformed OSV record" in err
    assert run(["scan", "pkg:pypi/avr-sample@1.0"]) == 1
    assert capsys.readouterr().err == ""


def test_status_names_sources(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each source with its date."""
    (tmp_path / "one.json").write_text(record("T-1"))
    run(["feed", "import", str(tmp_path / "one.json")])
    assert run(["feed", "status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith("source ")]) == 2
    assert any(f"{tmp_path / 'one.json'}: 1 records in use, newest 2024-01-01" in line for line in lines)


@pytest.mark.parametrize(("content", "code"), [("{", 2), (None, 2)])
def test_nothing_importable_is_a_usage_error(
    tmp_path: Path, content: str | None, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file without a record, and no file at all."""
    path = tmp_path / "one.json"
    if content is not None:
        path.write_text(content)
    assert run(["feed", "import", str(path)]) == code
    assert "hint: " in capsys.readouterr().err


def test_an_unreachable_url_ends_with_three(capsys: pytest.CaptureFixture[str]) -> None:
    """The message says how to go on without a network."""
    assert run(["feed", "import", "http://127.0.0.1:1/all.zip"]) == 3
    assert "feed.unreachable" in capsys.readouterr().err
