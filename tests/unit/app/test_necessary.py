"""Hunks that upstream did not write take more than tests."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from avr.app.judge import Limits, judge
from avr.ecosystems.interface import TestRequest
from avr.model.backport import Origin
from avr.model.evidence import Evidence, TestRun, Verdict
from avr.model.fix import ChangeKind
from avr.model.identifiers import Gate
from avr.model.source import SourceTree
from avr.stages.patch.ladder import backport as port
from avr.testing import build
from avr.testing.tiny import PASSING, REPAIRED, TEST, VULNERABLE, TinyEcosystem, Unequipped

CODE = "src/thing/__init__.py"
EXPLOIT = build.exploit()


class Bench(Unequipped):
    """Tests and exploit both look for the refusal; the suite is green."""

    facts: Mapping[str, str] = {}
    problem: str | None = None

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Look at the source."""
        closed = b"'..' in path:" in tree.files[CODE]
        name = request.exploit.name if request.exploit else PASSING if tests else "tests.test_old::test_size"
        return build.run(passed=[name]) if closed or name.endswith("size") else build.run(failed=[name], exit_code=1)


@pytest.fixture
def executor() -> Iterator[Executor]:
    """Two threads."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def _necessity(
    folder: Path, executor: Executor, origin: Origin, *, exploit: bool = False, seconds: float = 60
) -> list[Evidence]:
    ecosystem = TinyEcosystem(folder)
    pin = ecosystem.pin(build.component())
    tests = build.change("tests/test_thing.py", None, TEST, ChangeKind.TEST)
    fix = build.fix(build.change(CODE, VULNERABLE, REPAIRED), tests)
    made = port(pin.tree, [(build.CVE, fix)], pin.tree)
    hunks = tuple(replace(each, origin=origin) for each in made.ported[0].hunks)
    made = replace(made, ported=(replace(made.ported[0], hunks=hunks),))
    limits = Limits(suite_runs=2, suite_seconds=9, necessity_seconds=seconds)
    armoury = {build.CVE: (EXPLOIT,) if exploit else ()}
    found = judge(ecosystem, Bench(), pin, made, 1, limits, executor, armoury).evidence
    return [each for each in found if each.gate is Gate.NECESSITY]


def test_upstreams_hunks_need_one_proof(tmp_path: Path, executor: Executor) -> None:
    """The fix's own test is enough."""
    (found,) = _necessity(tmp_path, executor, Origin.VERBATIM_UPSTREAM)
    assert (Verdict.PASSED, "the only hunk is load-bearing") == (found.verdict, found.summary.partition(";")[0])


def test_hunks_of_others_need_two(tmp_path: Path, executor: Executor) -> None:
    """Tests alone fail them, tests and an exploit do not."""
    (alone,) = _necessity(tmp_path, executor, Origin.MODEL_WRITTEN)
    assert (Verdict.FAILED, True) == (alone.verdict, "no exploit was blocked" in alone.summary)
    (both,) = _necessity(tmp_path, executor, Origin.MODEL_WRITTEN, exploit=True)
    assert Verdict.PASSED is both.verdict


def test_trials_can_be_left_out_for_upstreams_hunks_alone(tmp_path: Path, executor: Executor) -> None:
    """No time means no evidence; hunks of others are tried all the same."""
    assert [] == _necessity(tmp_path, executor, Origin.VERBATIM_UPSTREAM, seconds=0)
    (found,) = _necessity(tmp_path, executor, Origin.MODEL_WRITTEN, exploit=True, seconds=0)
    assert Verdict.PASSED is found.verdict
