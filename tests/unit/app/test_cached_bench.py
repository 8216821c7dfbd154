"""A remembered run answers the same question, and no other."""

from collections.abc import Mapping
from pathlib import Path

from avr.app.cached_bench import CachedBench, tree_digest
from avr.ecosystems.interface import TestRequest
from avr.model.evidence import TestRun
from avr.model.source import SourceTree
from avr.testing import build
from avr.testing.tiny import Unequipped

TREE = build.tree({"thing.py": "a\n"})


class Counting(Unequipped):
    """A bench that counts its runs."""

    def __init__(self, run: TestRun, facts: Mapping[str, str] | None = None) -> None:
        self.facts: Mapping[str, str] = facts or {"interpreter": "3.11"}
        self.problem: str | None = None
        self.count = 0
        self._run = run

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """One more."""
        del tree, tests, request
        self.count += 1
        return self._run


GREEN = build.run(passed=["t::a"])


def test_the_same_question_is_answered_once(tmp_path: Path) -> None:
    """A later bench with the same facts does not run again."""
    first, second = Counting(GREEN), Counting(GREEN)
    CachedBench(first, tmp_path).run(TREE, {}, TestRequest())
    assert GREEN == CachedBench(second, tmp_path).run(TREE, {}, TestRequest())
    assert (1, 0) == (first.count, second.count)


def test_a_repetition_is_a_real_run(tmp_path: Path) -> None:
    """Flaky tests are found by running twice, not by reading twice."""
    inner = Counting(GREEN)
    bench = CachedBench(inner, tmp_path)
    bench.run(TREE, {}, TestRequest())
    bench.run(TREE, {}, TestRequest())
    assert 2 == inner.count


def test_anything_else_is_another_question(tmp_path: Path) -> None:
    """Another tree, tests, paths, limits or environment run again."""
    inner = Counting(GREEN)
    questions = [
        (TREE, {}, TestRequest()),
        (build.tree({"thing.py": "b\n"}), {}, TestRequest()),
        (TREE, {"tests/t.py": b""}, TestRequest()),
        (TREE, {}, TestRequest(paths=("tests/t.py",))),
        (TREE, {}, TestRequest(seconds=5)),
        (TREE, {}, TestRequest(test_seconds=5)),
        (TREE, {}, TestRequest(only=("test_a",))),
    ]
    for tree, tests, request in questions:
        CachedBench(inner, tmp_path).run(tree, tests, request)
    other = Counting(GREEN, {"interpreter": "3.12"})
    CachedBench(other, tmp_path).run(TREE, {}, TestRequest())
    assert (len(questions), 1) == (inner.count, other.count)
    CachedBench(inner, tmp_path, "another runner").run(*questions[0])
    assert len(questions) + 1 == inner.count


def test_a_run_with_a_problem_is_not_remembered(tmp_path: Path) -> None:
    """A crash or a time-out may go better next time."""
    for run in (build.run(exit_code=None, problem="timeout"), build.run(exit_code=4, problem="crash")):
        inner = Counting(run)
        CachedBench(inner, tmp_path).run(TREE, {}, TestRequest())
        CachedBench(inner, tmp_path).run(TREE, {}, TestRequest())
        assert 2 == inner.count


def test_the_digest_of_a_tree_sees_contents_paths_and_modes() -> None:
    """Nothing that can influence a run is left out."""
    trees = [
        TREE,
        build.tree({"thing.py": "b\n"}),
        build.tree({"other.py": "a\n"}),
        SourceTree(files=TREE.files, executable=frozenset({"thing.py"})),
    ]
    assert len(trees) == len({tree_digest(each) for each in trees})
