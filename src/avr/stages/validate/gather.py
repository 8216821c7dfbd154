"""Runs the tests that the gates need: before and after, the suite and the fix's own tests, at once where possible."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from avr.ecosystems.interface import Bench, TestRequest
from avr.model.evidence import TestRun
from avr.model.source import SourceTree
from avr.stages.validate.decide import lost

REPEAT_BELOW_SECONDS = 60.0
"""Security tests that end faster than this are run a second time to find flaky ones."""


SECURITY_TEST_SECONDS = 20
"""The time limit of one security test: many holes hang, and a fix's tests are small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Every test run of one component; empty tuples mean that nothing could be run, which `problem` explains."""

    suite_before: tuple[TestRun, ...] = ()
    suite_after: tuple[TestRun, ...] = ()
    security_before: tuple[TestRun, ...] = ()
    security_after: tuple[TestRun, ...] = ()
    facts: Mapping[str, str]
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to run: the pin and its patched form, the fix's tests, and how often and how long."""

    pinned: SourceTree
    patched: SourceTree | None
    security_tests: Mapping[str, bytes]
    suite_runs: int
    suite_seconds: int


def runs(bench: Bench, question: Question, executor: Executor) -> Runs:
    """All test runs that the gates ask for; independent ones run at once on `executor`."""
    if bench.problem is not None:
        return Runs(facts=bench.facts, problem=bench.problem)
    trees = [question.pinned] if question.patched is None else [question.pinned, question.patched]
    suite = TestRequest(seconds=question.suite_seconds)
    first = [executor.submit(bench.run, tree, {}, suite) for tree in trees] if question.patched is not None else []
    security = _security(bench, trees, question, executor)
    repeats = [executor.submit(bench.run, question.pinned, {}, suite) for _ in range(question.suite_runs - 1) if first]
    security_runs = [_with_repeat(bench, tree, question, future) for tree, future in zip(trees, security, strict=False)]
    before = tuple(future.result() for future in (*first[:1], *repeats))
    after = tuple(future.result() for future in first[1:])
    return Runs(
        suite_before=before,
        suite_after=_confirmed(bench, question, suite, before, after),
        security_before=security_runs[0] if security_runs else (),
        security_after=security_runs[1] if len(security_runs) > 1 else (),
        facts=bench.facts,
    )


def _request(question: Question) -> TestRequest:
    paths = tuple(sorted(path for path in question.security_tests if _is_test_module(path)))
    return TestRequest(paths=paths, seconds=question.suite_seconds, test_seconds=SECURITY_TEST_SECONDS)


def _is_test_module(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(".py") and name not in {"__init__.py", "conftest.py"}


def _security(
    bench: Bench, trees: Sequence[SourceTree], question: Question, executor: Executor
) -> list["Future[TestRun]"]:
    request = _request(question)
    if not request.paths:
        return []
    return [executor.submit(bench.run, tree, question.security_tests, request) for tree in trees]


def _with_repeat(bench: Bench, tree: SourceTree, question: Question, future: "Future[TestRun]") -> tuple[TestRun, ...]:
    first = future.result()
    if first.seconds > REPEAT_BELOW_SECONDS or first.exit_code is None or not first.executed:
        return (first,)
    return (first, bench.run(tree, question.security_tests, _request(question)))


def _confirmed(
    bench: Bench, question: Question, suite: TestRequest, before: tuple[TestRun, ...], after: tuple[TestRun, ...]
) -> tuple[TestRun, ...]:
    """Run the patched suite a second time when it lost a test, so that a flaky one is told from a regression."""
    if question.patched is None or not lost(before, after):
        return after
    return (*after, bench.run(question.patched, {}, suite))
