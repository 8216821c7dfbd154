"""Code of an advisory's text takes part in the judgement where it was calibrated, and where the library has nothing."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from avr.app import quoting
from avr.app.judge import Limits
from avr.app.progress import Silent
from avr.app.remediate import Clock, Tools, remediate
from avr.ecosystems.interface import Ecosystem, Pin, TestRequest
from avr.model.advisory import CodeBlock
from avr.model.component import Component
from avr.model.evidence import Evidence, TestRun, Verdict
from avr.model.exploit import ExploitOrigin
from avr.model.fix import Fix
from avr.model.identifiers import Assurance, EcosystemName, Gate, State
from avr.model.plan import Strategy
from avr.model.report import ComponentReport
from avr.model.source import SourceTree
from avr.testing import build
from avr.testing.tiny import REPAIRED, VULNERABLE, TinyEcosystem, Unequipped

CODE = "src/thing/__init__.py"
HALF = VULNERABLE.replace("return open(path)", "return open(path, 'rb')")
BLOCK = "import thing\nprint(thing.read('/etc/passwd'))\n"
LIBRARY = build.exploit()


class Bench(Unequipped):
    """The suite is green; quoted code reads a file where parents are not refused."""

    facts: Mapping[str, str] = {}
    problem: str | None = None

    def __init__(self, *, always: bool = False) -> None:
        self.always = always
        self.origins: set[ExploitOrigin] = set()

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Look at the source."""
        del tests
        if request.exploit is None:
            return build.run(passed=["tests.test_old::test_size"])
        self.origins.add(request.exploit.origin)
        name, closed = request.exploit.name, b"raise ValueError" in tree.files[CODE] and not self.always
        if b"ENDS = ''" in request.exploit.program:
            seen = {"ends": "end", "line": 0, "inside": "", "seconds": 0.1, "signs": [] if closed else ["read"]}
            return build.run(error=[name], problem=f"inconclusive: {json.dumps(seen)}")
        return build.run(passed=[name]) if closed else build.run(failed=[name])


class World(TinyEcosystem):
    """Its later release is repaired."""

    def pin(self, component: Component) -> Pin:
        """The pin, or the repaired release."""
        found = super().pin(component)
        return (
            found
            if component.version == "1.0"
            else replace(found, tree=found.tree.replacing({CODE: REPAIRED.encode()}))
        )


@pytest.fixture
def executor() -> Iterator[Executor]:
    """Two threads."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def _report(folder: Path, executor: Executor, bench: Bench, *candidates: Fix, known: bool = False) -> ComponentReport:
    ecosystem: Ecosystem = World(folder)
    pin = ecosystem.pin(build.component())
    step = build.step(*candidates, strategy=Strategy.BACKPORT)
    advisory = replace(step.finding.advisory, details="prose", code=(CodeBlock(record=step.finding.id, text=BLOCK),))
    finding = replace(step.finding, advisory=advisory, fixed_in=("1.1",))
    tools = Tools(
        ecosystem=ecosystem,
        bench_of=lambda _pin, _suite: bench,
        upstream_tests=lambda _pin, _plan: None,
        tests_tree=lambda tree, _suite: tree,
        limits=Limits(suite_runs=2, suite_seconds=9),
        minimum=Assurance.FIXED,
        executor=executor,
        progress=Silent(),
        exploits=lambda _finding: (LIBRARY,) if known else (),
        quotations=quoting.found,
    )
    plan = build.plan(replace(step, finding=finding))
    return remediate(pin, plan, lambda _: 1, tools, Clock(component=pin.component, progress=Silent())).report


def _fix(after: str) -> Fix:
    return build.fix(build.change(CODE, VULNERABLE, after))


def _g5(report: ComponentReport) -> list[Evidence]:
    return [each for each in report.evidence if each.gate is Gate.EXPLOIT]


def test_calibrated_code_proves_a_fix(tmp_path: Path, executor: Executor) -> None:
    """It lifts a fix without tests to A3, and says where it is from."""
    report = _report(tmp_path, executor, Bench(), _fix(REPAIRED))
    (g5,) = _g5(report)
    assert (Assurance.FIXED, Verdict.PASSED, "advisory text") == (
        report.findings[0].assurance,
        g5.verdict,
        g5.facts["origin"],
    )
    assert "from the advisory's text" in g5.summary


def test_calibrated_code_refuses_a_fix(tmp_path: Path, executor: Executor) -> None:
    """A hole that stays open is never fixed."""
    report = _report(tmp_path, executor, Bench(), _fix(HALF))
    assert (State.NEEDS_REVIEW, "validate.g5-failed") == (report.findings[0].state, report.findings[0].code)


def test_code_that_cannot_be_calibrated_changes_nothing(tmp_path: Path, executor: Executor) -> None:
    """It fires on upstream's release too: no evidence, told with its reason."""
    report = _report(tmp_path, executor, Bench(always=True), _fix(REPAIRED))
    (g5,) = _g5(report)
    assert (Assurance.NO_REGRESSION_SEEN, Verdict.NO_EVIDENCE) == (report.findings[0].assurance, g5.verdict)
    assert "shows on the fixed release as well" in g5.summary


def test_an_exploit_of_the_library_wins(tmp_path: Path, executor: Executor) -> None:
    """The text is not even tried."""
    bench = Bench()
    report = _report(tmp_path, executor, bench, _fix(REPAIRED), known=True)
    assert {ExploitOrigin.LIBRARY} == bench.origins
    assert [LIBRARY.name] == [each.facts["exploit"] for each in _g5(report)]


def test_the_report_holds_no_prose(tmp_path: Path, executor: Executor) -> None:
    """The text and its code are their author's."""
    advisory = _report(tmp_path, executor, Bench(), _fix(REPAIRED)).findings[0].finding.advisory
    assert ("", ()) == (advisory.details, advisory.code)


@pytest.mark.parametrize("name", ["../../up", "CVE-1/x", "a.b", "-x", "x y"])
def test_a_record_whose_id_is_no_name_has_none(tmp_path: Path, name: str) -> None:
    """The program is a file by the id's name: an id is a stranger's text."""
    pin = TinyEcosystem(tmp_path).pin(build.component())
    finding = build.finding(name)
    code = (CodeBlock(record=finding.id, text=BLOCK),)
    assert () == quoting.found(replace(finding, advisory=replace(finding.advisory, code=code)), pin)


def test_other_ecosystems_have_none(tmp_path: Path) -> None:
    """Code for npm is not Python."""
    pin = TinyEcosystem(tmp_path).pin(build.component())
    finding = build.finding()
    code = (CodeBlock(record=finding.id, text=BLOCK),)
    mine = replace(finding, advisory=replace(finding.advisory, code=code))
    elsewhere = replace(mine, component=replace(mine.component, ecosystem=EcosystemName.NPM))
    assert (1, 0) == (len(quoting.found(mine, pin)), len(quoting.found(elsewhere, pin)))
