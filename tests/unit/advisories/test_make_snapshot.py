"""The snapshot's maker: facts only, nothing lost that decides a finding, the same bytes every time."""

import json
import lzma
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "scripts" / "make_snapshot.py"
PACKAGE = {"ecosystem": "PyPI", "name": "avr-sample"}
RANGE = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}
COMMIT = "https://github.com/avr/sample/commit/" + "a" * 40


def made(folder: Path, output: Path) -> list[dict[str, object]]:
    """The lines of a snapshot made of a folder."""
    command = [sys.executable, str(SCRIPT), "PyPI", str(folder), "--output", str(output)]
    subprocess.run(command, check=True, capture_output=True)
    return [json.loads(line) for line in lzma.decompress(output.read_bytes()).splitlines()]


def write(folder: Path, name: str, **fields: object) -> None:
    """Lay a record into a folder."""
    affected = [{"package": PACKAGE, "ranges": [RANGE], "versions": ["1.0", "0.9-final", "1.1"]}]
    record = {"id": name, "modified": "2024-01-01T00:00:00Z", "affected": affected, **fields}
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(record))


def test_only_facts_are_kept(tmp_path: Path) -> None:
    """No prose, no articles; of the enumerated versions only those that the ranges do not cover."""
    links = [
        {"type": "WEB", "url": COMMIT},
        {"type": "ARTICLE", "url": "https://example.invalid/story"},
        {"type": "FIX", "url": "https://example.invalid/patch"},
        {"type": "ADVISORY", "url": "https://github.com/avr/sample/security/advisories/GHSA-1"},
    ]
    write(tmp_path / "in", "T-1", summary="words", details="many words", references=links, aliases=["CVE-1"])
    _, record = made(tmp_path / "in", tmp_path / "out.xz")
    assert record == {
        "id": "T-1",
        "aliases": ["CVE-1"],
        "modified": "2024-01-01T00:00:00Z",
        "affected": [{"package": PACKAGE, "ranges": [RANGE], "versions": ["0.9-final", "1.1"]}],
        "references": [{"type": "WEB", "url": COMMIT}, {"type": "FIX", "url": "https://example.invalid/patch"}],
    }


def test_withdrawn_foreign_and_malformed_records_are_left_out(tmp_path: Path) -> None:
    """The header has the date of the newest record that is in."""
    write(tmp_path / "in", "T-1")
    write(tmp_path / "in", "T-2", withdrawn="2024-05-01T00:00:00Z", modified="2024-05-01T00:00:00Z")
    write(tmp_path / "in", "T-3", affected=[{"package": {"ecosystem": "npm", "name": "sample"}}])
    write(tmp_path / "in", "T-4", modified="never")
    header, *records = made(tmp_path / "in", tmp_path / "out.xz")
    assert header == {"schema": "avr.snapshot/1", "taken": "2024-01-01T00:00:00Z", "records": 1}
    assert [each["id"] for each in records] == ["T-1"]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """So that anyone can check where the snapshot came from."""
    write(tmp_path / "in", "T-1")
    write(tmp_path / "in", "T-2")
    made(tmp_path / "in", tmp_path / "one.xz")
    made(tmp_path / "in", tmp_path / "two.xz")
    assert (tmp_path / "one.xz").read_bytes() == (tmp_path / "two.xz").read_bytes()
