"""Gate G6 with everything real but the exploit's place: a fix proved twice, and one that breaks a benign call.

The package is that of the other end-to-end tests; its exploit is not in the library, so it is handed in.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from avr.app.judge import Limits
from avr.app.progress import Silent
from avr.app.remediate import Clock, Tools, remediate
from avr.app.wiring import wire
from avr.config import load
from avr.model.evidence import Evidence, Verdict
from avr.model.fix import ChangeKind
from avr.model.identifiers import Assurance, EcosystemName, Gate, State
from avr.model.report import ComponentReport
from avr.proofs.library import parse
from avr.testing import build
from tests.e2e.world import ADVISORY, HOLE, MENDED, NAME, NEW_TEST, TESTS, make

pytestmark = [pytest.mark.sandbox, pytest.mark.index]

EXPLOIT = parse(
    f"cve-2099-4242_{NAME}.py",
    f"""
ID = "{ADVISORY}"
PACKAGE = "{NAME}"
CWE = ("CWE-22",)
SIGNAL = "read"
REFERENCES = ("https://example.invalid/",)
SHOWN = ("1.0", "1.1")
SECONDS = 20

import contract, {NAME}

def control():
    open("/tmp/benign", "w").write("benign")
    return open({NAME}.resolve("/tmp", "benign")).read() == "benign"

def attack():
    try:
        return contract.fired("read", open({NAME}.resolve("/tmp", contract.SECRET_FILE)).read())
    except ValueError:
        return contract.blocked("refused")

contract.run(control, attack)
""".encode(),
)
SMOKE = f"""from {NAME} import resolve


def test_smoke():
    resolve("/srv", "Report.TXT")
"""
"""A test that looks at nothing: what it calls can change without the suite noticing."""
CODE = f"{NAME}/__init__.py"
LOWERED = MENDED.replace("    return path\n", "    return path.lower()\n")
SLIPPED = MENDED.replace("    return path\n", "    return path.tidy() if '/' in name else path\n")


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    """As many threads as the factory has at least."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def tools(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch, executor: ThreadPoolExecutor) -> Tools:
    """The real parts over an index of our own, and the exploit."""
    world = make(tmp_path, shared_cache)
    monkeypatch.setenv("PIP_FIND_LINKS", world.environment["PIP_FIND_LINKS"])
    parts = wire(load(world.environment))
    kit = parts.kit(EcosystemName.PYPI)
    return Tools(
        ecosystem=kit.ecosystem,
        bench_of=kit.bench,
        upstream_tests=lambda _pin, _plan: None,
        tests_tree=lambda tree, _suite: tree,
        limits=Limits(suite_runs=2, suite_seconds=120, behaviour_seconds=60),
        minimum=Assurance.FIXED,
        executor=executor,
        progress=Silent(),
        exploits=lambda _finding: (EXPLOIT,),
    )


def remediated(tools: Tools, after: str) -> ComponentReport:
    """The component with `after` as the only candidate's code, beside upstream's test."""
    pin = tools.ecosystem.pin(build.component(NAME))
    pin = replace(pin, tree=pin.tree.replacing({"tests/test_smoke.py": SMOKE.encode()}))
    fix = build.fix(
        build.change(CODE, HOLE, after),
        build.change("tests/test_resolve.py", TESTS, TESTS + NEW_TEST, ChangeKind.TEST),
    )
    clock = Clock(component=pin.component, progress=Silent())
    return remediate(pin, build.plan(build.step(fix)), lambda _: 1, tools, clock).report


def behaviour(report: ComponentReport) -> Evidence:
    """The evidence of gate G6."""
    (found,) = (each for each in report.evidence if each.gate is Gate.BEHAVIOUR)
    return found


def test_a_fix_is_proved_twice(tools: Tools) -> None:
    """Its test, the exploit and behaviour hold: A4, with calls compared and every changed line run."""
    report = remediated(tools, MENDED)
    facts = behaviour(report).facts
    assert (State.FIXED, Assurance.PROVED_TWICE) == (report.findings[0].state, report.findings[0].assurance)
    assert [f"{NAME}.resolve: 2 recorded, {facts['calls_generated']} generated, 0 set aside"] == facts["functions"]
    assert (4, []) == (facts["changed_lines"], facts["changed_lines_not_run"])
    assert [4, 3] == [facts["changed_lines_run_by_the_fixs_test_files"], facts["changed_lines_run_by_suite"]]


def test_a_broken_benign_call_is_refused(tools: Tools) -> None:
    """The suite, the fix's test and the exploit are content; the recorded call tells."""
    report = remediated(tools, LOWERED)
    found = behaviour(report)
    assert (State.NEEDS_REVIEW, "validate.g6-failed") == (report.findings[0].state, report.findings[0].code)
    assert {Verdict.PASSED} == {each.verdict for each in report.evidence if each.gate is not Gate.BEHAVIOUR}
    call = f"{NAME}.resolve('/srv', 'Report.TXT') gives '/srv/Report.TXT'; now gives '/srv/report.txt'"
    assert [f"recorded, another result: {call}"] == found.facts["changed_against_the_fix"]


def test_a_slip_off_the_beaten_track_is_refused(tools: Tools) -> None:
    """A method that strings do not have, on a path that no test takes: generated inputs get there."""
    report = remediated(tools, SLIPPED)
    found = behaviour(report)
    assert (Verdict.FAILED, True) == (found.verdict, "AttributeError" in found.summary)
    assert State.FIXED is not report.state
