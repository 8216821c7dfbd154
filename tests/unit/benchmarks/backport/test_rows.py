"""Rows and tables: what is kept, and what is counted."""

from dataclasses import replace
from pathlib import Path

from benchmarks.backport import rows
from benchmarks.backport.attempt import Attempt, PlacedHunk
from benchmarks.backport.cases import Case, load
from benchmarks.backport.judge import Harness, Judged
from benchmarks.backport.rows import Row
from benchmarks.backport.run import Job, run_case
from benchmarks.backport.tables import report


def _row(case: Case, tool: str, **fields: str) -> Row:
    hunk = PlacedHunk(path="lib.py", start=1, status="placed", rung="R2", target="lib.py", line=1)
    hunks = (hunk, replace(hunk, rung="R1"), replace(hunk, rung="", status="unplaced")) if tool == "avr" else ()
    attempt = Attempt(tool=tool, placed="complete", changes={}, seconds=0.2, cpu=0.1, hunks=hunks)
    row = rows.row_of(case, attempt, Harness(why=""), Judged(verdict="resolved", closeness="identical"))
    return replace(row, **fields)  # type: ignore[arg-type]  # only text fields are named here


def test_rows_come_back_as_they_were(case: Case, tmp_path: Path) -> None:
    """The last row of a case and tool counts; a row of an engine that was changed since does not."""
    place = tmp_path / "rows.jsonl"
    old, new, pick = _row(case, "avr", verdict="wrong"), _row(case, "avr"), _row(case, "git cherry-pick", engine="x")
    stale = replace(old, case="other", engine="x")
    rows.write(place, [old, stale, pick, new])
    assert [new, pick] == rows.read(place)
    assert "R2" == new.rung


def test_the_tables_count_what_was_judged(case: Case) -> None:
    """Resolved, wrong but confident, precision and the ratio of times, side by side."""
    text = report(
        [_row(case, "avr"), replace(_row(case, "avr", verdict="wrong"), case="b"), _row(case, "git cherry-pick")]
    )
    assert "| avr | 2 | 1 (50.0 %) | 1 | 1 (50.0 %) | 2 | 0 | 0 |" in text
    assert "| processor time | 100 ms | 100 ms | 1.00 | 0.1 s |" in text
    assert "| R2 placed | 1 | 1 | 0 | 1 (50.0 %) | 1 (16.7 %) |" in text
    assert "- wrong but confident (1): b" in text


def test_a_repository_that_is_not_there_is_named(mirror: Path, tmp_path: Path) -> None:
    """Its cases are rows like any other."""
    (case,) = load(mirror.parent / "cases.jsonl", tmp_path / "nothing")
    (row,) = run_case(Job(case=case, tools=("avr",), work=tmp_path, execute=False))
    assert ("unavailable", "the mirror has no some/lib") == (row.verdict, row.harness)


def test_a_case_runs_from_end_to_end(case: Case, tmp_path: Path) -> None:
    """All tools, compared without tests; results are kept for reading."""
    found = run_case(Job(case=case, tools=("avr", "git apply"), work=tmp_path, execute=False))
    assert [("avr", "unknown"), ("git apply", "unknown")] == [(row.tool, row.verdict) for row in found]
    assert (tmp_path / "results" / "lib_1" / "git_apply" / "tree" / "lib.py").is_file()
