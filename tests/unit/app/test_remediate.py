"""A component goes to the next candidate when a gate disproves one, and keeps what spoke against it."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from avr.app.judge import Limits
from avr.app.progress import Silent
from avr.app.remediate import Clock, Remediated, Tools, remediate
from avr.ecosystems.interface import TestRequest, Watch
from avr.model.behaviour import Observation
from avr.model.evidence import TestRun
from avr.model.fix import ChangeKind, Fix
from avr.model.identifiers import Assurance, Gate, State
from avr.model.plan import Plan, Strategy
from avr.model.source import SourceTree
from avr.testing import build
from avr.testing.tiny import PASSING, REPAIRED, TEST, VULNERABLE, TinyEcosystem, Unequipped
from avr.tools.sandbox.choice import _PERMISSION

CODE = "src/thing/__init__.py"
SUITE = "tests.test_old::test_size"
HALF = VULNERABLE.replace("return open(path)", "return open(path, 'rb')")
BREAKING = REPAIRED.replace("return 1", "return 2")


class Bench(Unequipped):
    """The suite is green unless `size` was broken; the fix's test is green where parents are refused."""

    facts: Mapping[str, str] = {}
    problem: str | None = None

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Look at the source."""
        source = tree.files[CODE]
        test = PASSING if request.paths else SUITE
        green = b"raise ValueError" in source if request.paths else b"return 1" in source
        del tests
        return build.run(passed=[test]) if green else build.run(failed=[test], exit_code=1)


class Watcher(Bench):
    """Remembers what it was asked to watch."""

    asked: Watch | None = None

    def observe(self, watch: Watch) -> Observation:
        """Nothing is seen."""
        self.asked = watch
        return Observation(problem="nothing to see")


@pytest.fixture
def executor() -> Iterator[Executor]:
    """Two threads."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def _fix(after: str) -> Fix:
    tests = build.change("tests/test_thing.py", None, TEST, ChangeKind.TEST)
    return build.fix(build.change(CODE, VULNERABLE, after), tests)


def _run(
    folder: Path,
    executor: Executor,
    *candidates: Fix,
    strategy: Strategy = Strategy.BACKPORT,
    bench: Bench | None = None,
    fixed_in: tuple[str, ...] = (),
) -> Remediated:
    ecosystem = TinyEcosystem(folder)
    pin = ecosystem.pin(build.component())
    tools = Tools(
        ecosystem=ecosystem,
        bench_of=lambda _pin, _suite: bench or Bench(),
        upstream_tests=lambda _pin, _plan: None,
        tests_tree=lambda tree, _suite: tree,
        limits=Limits(suite_runs=2, suite_seconds=9, behaviour_seconds=9),
        minimum=Assurance.FIXED,
        executor=executor,
        progress=Silent(),
    )
    step = build.step(*candidates, strategy=strategy)
    plan: Plan = build.plan(replace(step, finding=replace(step.finding, fixed_in=fixed_in)))
    return remediate(pin, plan, lambda _backport: 1, tools, Clock(component=pin.component, progress=Silent()))


def test_a_good_fix_is_fixed(tmp_path: Path, executor: Executor) -> None:
    """All gates pass on the first candidate."""
    report = _run(tmp_path, executor, _fix(REPAIRED)).report
    assert (State.FIXED, Assurance.FIXED) == (report.state, report.assurance)


def test_a_fix_that_leaves_its_test_red_gives_way_to_the_next(tmp_path: Path, executor: Executor) -> None:
    """Half a fix is refused by G4; the whole one behind it is taken."""
    result = _run(tmp_path, executor, _fix(HALF), _fix(REPAIRED))
    assert State.FIXED is result.report.state
    assert result.choice is not None
    assert REPAIRED.encode() == result.choice.backport.patched.get(CODE)


def test_a_fix_that_breaks_the_suite_gives_way_to_the_next(tmp_path: Path, executor: Executor) -> None:
    """A regression is refused by G3."""
    result = _run(tmp_path, executor, _fix(BREAKING), _fix(REPAIRED))
    assert State.FIXED is result.report.state


def test_the_evidence_against_a_refused_fix_is_kept(tmp_path: Path, executor: Executor) -> None:
    """A person who reviews sees the hunks, the failed gate and the proposed patch."""
    result = _run(tmp_path, executor, _fix(HALF))
    (found,) = result.report.findings
    assert (State.NEEDS_REVIEW, "validate.g4-failed") == (found.state, found.code)
    assert Gate.SECURITY_TEST in {each.gate for each in result.report.evidence}
    assert result.report.ported
    assert result.choice is not None
    assert (CODE,) == result.choice.backport.changed_paths


def test_nothing_refused_is_ever_released(tmp_path: Path, executor: Executor) -> None:
    """Without a standing judgement there are no artifacts to publish."""
    assert _run(tmp_path, executor, _fix(HALF), _fix(BREAKING)).judgement is None


@pytest.mark.parametrize(
    ("fixed_in", "version"), [(("0.9", "2.0", "3.0"), "2.0"), (("0.9",), None), ((), None), (("none",), None)]
)
def test_behaviour_is_watched_beside_upstreams_first_fixed_release(
    tmp_path: Path, executor: Executor, fixed_in: tuple[str, ...], version: str | None
) -> None:
    """The first one above the pin that the advisory names."""
    bench = Watcher()
    _run(tmp_path, executor, _fix(REPAIRED), bench=bench, fixed_in=fixed_in)
    assert bench.asked is not None
    fixed = bench.asked.fixed
    assert version == (fixed.version if fixed else None)


def test_a_claim_of_presence_is_put_to_the_test(tmp_path: Path, executor: Executor) -> None:
    """`already_fixed` is disputed by the fix's test failing on the pin."""
    report = _run(tmp_path, executor, _fix(REPAIRED), strategy=Strategy.ALREADY_FIXED).report
    assert (State.NEEDS_REVIEW, "plan.presence-disputed") == (report.findings[0].state, report.findings[0].code)


def test_no_fix_known_runs_nothing(tmp_path: Path, executor: Executor) -> None:
    """There is nothing to port and nothing to run."""
    result = _run(tmp_path, executor, strategy=Strategy.NO_FIX_KNOWN)
    assert (State.NO_FIX_KNOWN, ()) == (result.report.state, result.report.evidence)


@pytest.mark.skipif(os.geteuid() != 0, reason="without isolation avr has to be root to give up its rights")
def test_without_isolation_nothing_is_fixed(
    tmp_path: Path, executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fix that all gates pass in a sandbox needs review where there was none, and there is nothing to publish."""
    for name in ("bwrap", "podman"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("AVR_SANDBOX", raising=False)
    monkeypatch.setattr(_PERMISSION, "unsafe", True)
    (tmp_path / "world").mkdir()
    report = _run(tmp_path / "world", executor, _fix(REPAIRED)).report
    assert (State.NEEDS_REVIEW, Assurance.PORTED) == (report.state, report.findings[0].assurance)
    assert "without isolation" in report.findings[0].why
