"""The tools of today on a case: what counts as placed, and that the mirror is left alone."""

import shutil
from dataclasses import replace

import pytest
from benchmarks.backport.baselines import BASELINES, missing
from benchmarks.backport.cases import Case
from tests.unit.benchmarks.backport.conftest import DRIFT, FIXED, git

TOOLS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            name.split()[0] != "git" and shutil.which(name.split()[0]) is None, reason=f"{name} is not installed"
        ),
    )
    for name in BASELINES
]


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_places_a_change_that_has_only_moved(case: Case, tool: str) -> None:
    """Every tool finds lines that moved down; a conflict in the changelog does not count."""
    attempt = BASELINES[tool](case.task)
    assert ("complete", {"lib.py": (DRIFT + FIXED).encode()}) == (attempt.placed, attempt.changes)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_that_conflicts_has_placed_nothing(case: Case, tool: str) -> None:
    """On a base that has no such file the change is not placed."""
    directory = case.task.repository.directory
    empty = git(directory, "commit-tree", "-m", "empty", git(directory, "hash-object", "-t", "tree", "-w", "/dev/null"))
    attempt = BASELINES[tool](replace(case.task, base=empty))
    assert ("none", {}) == (attempt.placed, attempt.changes)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_mirror_is_not_written_to(case: Case, tool: str) -> None:
    """All objects and work trees are made elsewhere."""
    directory = case.task.repository.directory
    before = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    BASELINES[tool](case.task)
    assert before == {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_what_is_not_asked_for_need_not_be_installed() -> None:
    """Only the programs of the wanted tools are looked for."""
    assert missing(["avr", "git apply"]) is None
