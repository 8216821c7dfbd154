"""`avr scan`: what is printed where, and the exit codes."""

import json
from pathlib import Path

import pytest

from avr.cli.main import run


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVR_HOME", str(tmp_path / "home"))


def requirements(tmp_path: Path, text: str) -> str:
    """A requirements file's path."""
    path = tmp_path / "requirements.txt"
    path.write_text(text)
    return str(path)


def test_findings_are_printed_and_end_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plain table; entries that pin nothing and the snapshot's age on standard error."""
    code = run(["scan", requirements(tmp_path, "jinja2==2.11.2\nflask\n")])
    out, err = capsys.readouterr()
    row = next(line for line in out.splitlines() if "CVE-2020-28493" in line)
    expected = "jinja2 2.11.2 CVE-2020-28493 unknown 2.11.3 in the affected range <2.11.3"
    assert " ".join(row.split()) == expected
    assert out.splitlines()[-1] == "2 findings in 1 of 1 component"
    assert "requirements.txt:2: 'flask'" in err
    assert "bundled snapshot of" in err
    assert code == 1


def test_no_findings_end_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown package has no advisory."""
    assert run(["scan", requirements(tmp_path, "avr-no-such-package==1.0\n")]) == 0
    assert capsys.readouterr().out == "0 findings in 0 of 1 component\n"


def test_json_has_a_schema_and_everything_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is one document and standard error is silent."""
    code = run(["scan", requirements(tmp_path, "jinja2==2.11.2\nflask\n"), "--format", "json"])
    out, err = capsys.readouterr()
    document = json.loads(out)
    found = {each["fixed_in"][0]: each for each in document["findings"]}
    finding = found["2.11.3"]
    assert (code, err, document["schema"], document["components"]) == (1, "", "avr.scan/1", 1)
    assert (sorted(found), finding["purl"]) == (["2.11.3", "3.1.3"], "pkg:pypi/jinja2@2.11.2")
    assert finding["locations"][0]["line"] == 1
    assert [each["code"] for each in document["unresolved"]] == ["requirement.unpinned"]
    assert document["snapshot"]["bundled_only"] is True


@pytest.mark.parametrize("target", ["missing.txt", "pkg:gem/rails@4.2.0", "pkg:pypi/jinja2"])
def test_what_cannot_be_scanned_ends_with_two(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says what to do, and there is no traceback."""
    assert run(["scan", target]) == 2
    assert "hint: " in capsys.readouterr().err


def test_a_damaged_store_ends_with_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The environment is at fault, not the target."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "advisories.db").write_bytes(b"damaged" * 1000)
    assert run(["scan", "pkg:pypi/jinja2@2.11.2"]) == 3
    assert "store.corrupt" in capsys.readouterr().err
