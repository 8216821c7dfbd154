"""Our engine in the benchmark: it carries the change, and cannot see the maintainers' answer."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from benchmarks.backport.cases import Case, Task
from benchmarks.backport.engine import run_engine
from benchmarks.backport.run import only_in_target
from tests.unit.benchmarks.backport.conftest import DRIFT, FIXED, git

from avr.tools.git import Repository


def test_the_engine_carries_the_code_and_counts_the_tests(case: Case) -> None:
    """The code is changed, the changelog is not, and hunks are recorded."""
    attempt = run_engine(case.task)
    assert ("complete", {"lib.py": (DRIFT + FIXED).encode()}) == (attempt.placed, attempt.changes)
    assert ["placed"] == [hunk.status for hunk in attempt.hunks]
    assert (1, 1) == attempt.tests


def test_a_task_has_no_room_for_the_answer(case: Case) -> None:
    """What the engine is given names the base and upstream's change, and nothing in it is the target."""
    assert {"id", "repository", "base", "source_commit", "source_parent", "code", "tests"} == {
        field.name for field in fields(Task)
    }
    assert case.expected.target_commit not in repr(case.task)


def test_the_engine_gives_the_same_answer_where_the_target_does_not_exist(case: Case, tmp_path: Path) -> None:
    """In a repository that was never given the maintainers' commit the result is the same."""
    task = case.task
    lacking = tmp_path / "lacking.git"
    git(tmp_path, "init", "-q", "--bare", str(lacking))
    wanted = (task.base, task.source_commit)
    git(lacking, "fetch", "-q", str(task.repository.directory), *wanted)
    with pytest.raises(Exception, match="cat-file"):
        git(lacking, "cat-file", "-e", case.expected.target_commit)
    other = run_engine(replace(task, repository=Repository(directory=lacking, name="some/lib", url="some/lib")))
    mine = run_engine(task)
    assert (mine.placed, mine.changes, mine.hunks, mine.tests) == (
        other.placed,
        other.changes,
        other.hunks,
        other.tests,
    )


def test_what_the_engine_reads_is_watched(case: Case) -> None:
    """Every content that was asked for is known, and none of it was made by the maintainers' backport."""
    attempt = run_engine(case.task)
    directory = case.task.repository.directory
    secret = only_in_target(case)
    assert git(directory, "rev-parse", f"{case.task.base}:lib.py") in attempt.asked
    assert {git(directory, "rev-parse", f"{case.expected.target_commit}:lib.py")} <= secret
    assert frozenset() == attempt.asked & secret
