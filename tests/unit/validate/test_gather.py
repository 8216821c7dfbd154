"""Runs are asked for as the gates need them, and no more."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from avr.ecosystems.interface import TestRequest
from avr.model.evidence import TestRun
from avr.model.source import SourceTree
from avr.stages.validate.gather import Question, Runs, runs
from avr.testing import build
from avr.testing.tiny import Unequipped

PINNED, PATCHED = build.tree({"thing.py": "old\n"}), build.tree({"thing.py": "new\n"})
TESTS = {"tests/test_x.py": b"def test_a(): ...\n", "tests/data.json": b"{}"}


@dataclass(slots=True)
class Recorder(Unequipped):
    """A bench that answers from two scripts, one for each tree, and counts what it was asked."""

    before: TestRun
    after: TestRun
    problem: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[bool, tuple[str, ...]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """One scripted run."""
        del tests
        with self.lock:
            self.asked.append((tree is PATCHED, request.paths))
        return self.after if tree is PATCHED else self.before


def _runs(bench: Recorder, tests: Mapping[str, bytes] = TESTS, patched: SourceTree | None = PATCHED) -> Runs:
    question = Question(pinned=PINNED, patched=patched, security_tests=tests, suite_runs=2, suite_seconds=9)
    with ThreadPoolExecutor(2) as pool:
        return runs(bench, question, pool)


def test_suite_and_security_tests_run_on_both_trees() -> None:
    """The suite twice before and once after, quick security tests twice on each side; data files are not run."""
    green = build.run(passed=["t::a"])
    bench = Recorder(before=green, after=green)
    _runs(bench)
    security = ("tests/test_x.py",)
    expected = [(False, ())] * 2 + [(True, ())] + [(False, security)] * 2 + [(True, security)] * 2
    assert sorted(expected) == sorted(bench.asked)


def test_a_lost_test_gets_a_second_look() -> None:
    """The patched suite runs once more, to tell a flaky test from a regression."""
    bench = Recorder(before=build.run(passed=["t::a", "t::b"]), after=build.run(passed=["t::a"], failed=["t::b"]))
    assert 2 == len(_runs(bench, tests={}).suite_after)


def test_a_run_that_did_not_end_gets_no_second_look() -> None:
    """Nothing that it could show would be evidence."""
    bench = Recorder(before=build.run(passed=["t::a"]), after=build.run(exit_code=None, problem="timeout"))
    assert 1 == len(_runs(bench, tests={}).suite_after)


@dataclass(slots=True)
class Hanging(Unequipped):
    """A bench whose suite ends in pieces alone; it remembers the requests for the suite."""

    parts: tuple[str, ...] = ()
    problem: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    asked: list[TestRequest] = field(default_factory=list)

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """A time-out for the whole, one test for the pieces."""
        del tree, tests
        self.asked.append(request)
        if request.apart and self.parts:
            return replace(build.run(passed=["t::a"]), parts=self.parts, left_out={"tests/test_hang.py": "timeout"})
        return build.run(exit_code=None, problem="timeout")


def test_a_suite_that_does_not_end_runs_in_pieces() -> None:
    """The change decides the order of the first run; the later ones are given what ended there, and more time."""
    bench = Hanging(parts=("tests/test_x.py",))
    with ThreadPoolExecutor(2) as pool:
        found = runs(
            bench, Question(pinned=PINNED, patched=PATCHED, security_tests={}, suite_runs=2, suite_seconds=9), pool
        )
    whole, apart, *later = bench.asked
    assert (False, (), 9) == (whole.apart, whole.paths, whole.seconds)
    assert (True, (), 18, ("thing.py",)) == (apart.apart, apart.paths, apart.seconds, apart.changed)
    assert [(True, ("tests/test_x.py",), 36)] * 2 == [(each.apart, each.paths, each.seconds) for each in later]
    assert (2, 1) == (len(found.suite_before), len(found.suite_after))


def test_runs_after_one_near_its_limit_get_more_time() -> None:
    """Two of them go on at once, so a limit that was almost reached would end them."""
    asked: list[int] = []

    class Slow(Recorder):
        def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
            del tree, tests
            asked.append(request.seconds)
            return replace(build.run(passed=["t::a"]), seconds=8.0)

    _runs(Slow(before=build.run(), after=build.run()), tests={})
    assert [9, 18, 18] == asked


def test_a_suite_that_does_not_end_even_in_pieces_is_not_run_again() -> None:
    """Without a baseline there is nothing to compare with."""
    bench = Hanging()
    with ThreadPoolExecutor(2) as pool:
        found = runs(
            bench, Question(pinned=PINNED, patched=PATCHED, security_tests={}, suite_runs=2, suite_seconds=9), pool
        )
    assert ([False, True], (), 1) == ([each.apart for each in bench.asked], found.suite_after, len(found.suite_before))


def test_an_unpatched_pin_runs_its_security_tests_alone() -> None:
    """For a claim of presence no suite is needed."""
    bench = Recorder(before=build.run(passed=["t::a"]), after=build.run())
    found = _runs(bench, patched=None)
    assert ((), 2) == (found.suite_before, len(found.security_before))


def test_a_bench_with_a_problem_runs_nothing() -> None:
    """The problem is passed on."""
    bench = Recorder(before=build.run(), after=build.run(), problem="no interpreter suits")
    assert ([], "no interpreter suits") == (bench.asked, _runs(bench).problem)
