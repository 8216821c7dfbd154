"""Runs the tests that the gates need: before and after, the suite and the fix's own tests, at once where possible."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace

from avr.ecosystems.interface import Bench, TestRequest
from avr.model.evidence import TestRun
from avr.model.source import SourceTree
from avr.stages.validate.decide import lost
from avr.stages.validate.script_tests import is_script

REPEAT_BELOW_SECONDS = 60.0
"""Security tests that end faster than this are run a second time to find flaky ones."""


SECURITY_TEST_SECONDS = 20
"""The time limit of one security test: many holes hang, and a fix's tests are small."""


LIMITS = ("timeout", "memory", "crash")
"""Problems of a run of the whole suite that a run in pieces may not have."""

_APART = 2
"""How much longer a suite may take in pieces than as a whole: each piece is started anew."""
_NEAR = 0.7
"""From which part of its limit on a run was near it."""
_LATER = 2
"""How much longer the runs after one that was near its limit may take: two of them go on at once."""


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
    """All test runs that the gates ask for; independent ones run at once on `executor`.

    A suite that does not end on the unpatched pin is run once more in pieces, and later runs take the pieces that
    ended; one that gives nothing even so is not run again.
    """
    if bench.problem is not None:
        return Runs(facts=bench.facts, problem=bench.problem)
    suite = TestRequest(seconds=question.suite_seconds)
    security = _request(question)
    red = executor.submit(_security, bench, question.pinned, question, security)
    before = []
    if question.patched is not None:
        first, suite = _baseline(bench, question.pinned, question.patched, question, suite)
        before = [first]
    after: list[TestRun] = []
    green: Future[tuple[TestRun, ...]] | None = None
    if question.patched is not None:
        green = executor.submit(_security, bench, question.patched, question, security)
        if before[0].executed and before[0].exit_code is not None:
            again = [executor.submit(bench.run, question.pinned, {}, suite) for _ in range(question.suite_runs - 1)]
            after = [bench.run(question.patched, {}, suite)]
            before += [future.result() for future in again]
            after += _second_look(bench, question.patched, suite, before, after)
    return Runs(
        suite_before=tuple(before),
        suite_after=tuple(after),
        security_before=red.result(),
        security_after=green.result() if green else (),
        facts=bench.facts,
    )


def security_runs(bench: Bench, question: Question, own: Collection[str], executor: Executor) -> Runs:
    """The fix's tests alone, on the pin and on the patch; `own` are those of their files that the pin has itself.

    The pin's own form of these files is run as it is, so that a test which passed there is no news.
    """
    if bench.problem is not None:
        return Runs(facts=bench.facts, problem=bench.problem)
    request = _request(question)
    red = executor.submit(_security, bench, question.pinned, question, request)
    green: Future[tuple[TestRun, ...]] | None = None
    if question.patched is not None:
        green = executor.submit(_security, bench, question.patched, question, request)
    mine = tuple(path for path in request.paths if path in own)
    before = (bench.run(question.pinned, {}, replace(request, paths=mine)),) if mine else ()
    return Runs(
        suite_before=before,
        security_before=red.result(),
        security_after=green.result() if green else (),
        facts=bench.facts,
    )


def _baseline(
    bench: Bench, pinned: SourceTree, patched: SourceTree, question: Question, suite: TestRequest
) -> tuple[TestRun, TestRequest]:
    """The suite on the unpatched pin, as a whole or in pieces, and the request for all later runs of it."""
    first = bench.run(pinned, {}, suite)
    if first.executed or not first.problem.startswith(LIMITS):
        near = first.seconds > _NEAR * suite.seconds
        return first, replace(suite, seconds=_LATER * suite.seconds) if near else suite
    changed = {path for path in {*pinned, *patched} if pinned.get(path) != patched.get(path)}
    apart = replace(
        suite,
        seconds=_APART * suite.seconds,
        apart=True,
        changed=tuple(sorted(changed | question.security_tests.keys())),
        test_seconds=SECURITY_TEST_SECONDS,
    )
    first = bench.run(pinned, {}, apart)
    return first, replace(apart, paths=first.parts, seconds=_LATER * apart.seconds) if first.parts else apart


def _request(question: Question) -> TestRequest:
    paths = tuple(sorted(path for path in question.security_tests if _is_test_module(path)))
    return TestRequest(paths=paths, seconds=question.suite_seconds, test_seconds=SECURITY_TEST_SECONDS)


def _is_test_module(path: str) -> bool:
    name = path.rpartition("/")[2]
    return is_script(path) or (name.endswith(".py") and name not in {"__init__.py", "conftest.py"})


def _security(bench: Bench, tree: SourceTree, question: Question, request: TestRequest) -> tuple[TestRun, ...]:
    """The fix's tests on a tree, twice where they are quick."""
    if not request.paths:
        return ()
    first = bench.run(tree, question.security_tests, request)
    if first.seconds > REPEAT_BELOW_SECONDS or first.exit_code is None or not first.executed:
        return (first,)
    return (first, bench.run(tree, question.security_tests, request))


def _second_look(
    bench: Bench, patched: SourceTree, suite: TestRequest, before: Sequence[TestRun], after: Sequence[TestRun]
) -> list[TestRun]:
    """The patched suite once more where it lost a test, so that a flaky one is told from a regression.

    Where a run did not end there is no evidence to be had, whatever a further run shows.
    """
    ended = all(run.exit_code is not None for run in (*before, *after))
    return [bench.run(patched, {}, suite)] if ended and lost(before, after) else []
