"""Runs the tests of an advisory's fix on one release as it is, and with the fix where that can be carried over."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

from avr.app.choose import choose
from avr.ecosystems.interface import Bench, Ecosystem, Pin
from avr.model.backport import Backport
from avr.model.evidence import Evidence
from avr.model.finding import Finding
from avr.model.fix import ChangeKind
from avr.model.plan import Plan, Step, Strategy
from avr.model.source import SourceTree
from avr.stages.patch.ladder import backport as port
from avr.stages.validate import gather, security
from avr.stages.validate.security import SecurityTests


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Where plans, test suites and environments come from; `seconds` limits each run."""

    ecosystem: Ecosystem
    planner: Callable[[Pin, Sequence[Finding]], Plan]
    upstream_tests: Callable[[Pin, Plan], SourceTree | None]
    tests_tree: Callable[[SourceTree, SourceTree | None], SourceTree]
    bench_of: Callable[[Pin, SourceTree | None], Bench]
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How the fix's tests changed colour on a release; `patched` tells whether they also ran with the fix in place."""

    tests: SecurityTests
    evidence: Evidence
    patched: bool


def run_tests(pin: Pin, finding: Finding, routes: Routes, executor: Executor) -> Tried | str:
    """Run them, or say why they cannot be run; raises what planning and the registry raise."""
    plan = routes.planner(pin, (replace(finding, component=pin.component),))
    suite = routes.upstream_tests(pin, plan)
    tests_tree = routes.tests_tree(pin.tree, suite)
    backport = _carried(pin, plan.steps[0], tests_tree, routes.ecosystem)
    if backport is None or not backport.security_tests:
        return "no test of the fix is known or has a place in this release"
    bench = routes.bench_of(pin, suite)
    if bench.problem is not None:
        return bench.problem
    whole = backport.ported[-1].complete and backport.patched != pin.tree
    question = gather.Question(
        pinned=pin.tree,
        patched=backport.patched if whole else None,
        security_tests=backport.security_tests,
        suite_runs=1,
        suite_seconds=routes.seconds,
    )
    found = gather.security_runs(bench, question, tuple(tests_tree), executor)
    ported = backport.ported[-1]
    after = found.security_after or found.security_before
    paths = security.test_paths(backport, ported)
    runs = (found.suite_before, found.security_before, after, paths)
    return Tried(tests=security.colours(ported, *runs), evidence=security.security_test(ported, *runs), patched=whole)


def _carried(pin: Pin, step: Step, tests_tree: SourceTree, ecosystem: Ecosystem) -> Backport | None:
    """The first candidate that can be carried over whole, else the tests of the best one alone."""
    carry = partial(port, minimum=ecosystem.minimum_runtime(pin.tree))
    wanted = replace(step, strategy=Strategy.BACKPORT)
    plan = Plan(component=pin.component, steps=(wanted,))
    choice = choose(pin.tree, plan, tests_tree, carry, ecosystem.static_problems, frozenset())
    if choice.backport.ported:
        return choice.backport
    lender = next((each for each in step.candidates if each.of_kind(ChangeKind.TEST)), None)
    if lender is None:
        return None
    tests = replace(lender, files=lender.of_kind(ChangeKind.TEST))
    return carry(pin.tree, [(step.finding.id, tests)], tests_tree)
