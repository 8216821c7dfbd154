"""Small nouns with sensible defaults, so that a test names only what it is about."""

from collections.abc import Mapping
from datetime import UTC, datetime

from avr.model.advisory import Advisory
from avr.model.backport import Backport, Hunk, HunkStatus, PortedFix, Rung
from avr.model.component import Component
from avr.model.evidence import TestRun, TestStatus
from avr.model.exploit import Exploit, Signal
from avr.model.finding import Finding
from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import AdvisoryId, EcosystemName
from avr.model.plan import Plan, Step, Strategy
from avr.model.source import SourceTree

CVE = AdvisoryId("CVE-2099-0001")


def component(name: str = "thing", version: str = "1.0") -> Component:
    """A PyPI component."""
    return Component(ecosystem=EcosystemName.PYPI, name=name, version=version)


def advisory(advisory_id: str = CVE) -> Advisory:
    """An advisory that states nothing but its id."""
    return Advisory(id=AdvisoryId(advisory_id), modified=datetime(2099, 1, 1, tzinfo=UTC))


def finding(advisory_id: str = CVE, of: Component | None = None) -> Finding:
    """A finding of `advisory_id` on a component."""
    return Finding(component=of or component(), advisory=advisory(advisory_id), why="range [0, 2.0)")


def change(path: str, before: str | None, after: str | None, kind: ChangeKind = ChangeKind.CODE) -> FileChange:
    """One changed file; None stands for an absent side."""
    return FileChange(
        path_before=path if before is not None else None,
        path_after=path if after is not None else None,
        before=before.encode() if before is not None else None,
        after=after.encode() if after is not None else None,
        kind=kind,
    )


def fix(*files: FileChange, advisory_id: str = CVE, route: FixRoute = FixRoute.COMMIT) -> Fix:
    """A fix of the given changes."""
    return Fix(advisory=AdvisoryId(advisory_id), route=route, files=files, confidence=1.0, reasons=())


def step(*candidates: Fix, advisory_id: str = CVE, strategy: Strategy = Strategy.BACKPORT) -> Step:
    """A plan's step for one finding."""
    return Step(finding=finding(advisory_id), strategy=strategy, candidates=candidates)


def plan(*steps: Step) -> Plan:
    """A plan for the default component."""
    return Plan(component=component(), steps=steps)


def tree(files: Mapping[str, str]) -> SourceTree:
    """A source tree of text files."""
    return SourceTree(files={path: text.encode() for path, text in files.items()})


def hunk(path: str = "thing.py", *, kind: ChangeKind = ChangeKind.CODE, status: HunkStatus = HunkStatus.PLACED) -> Hunk:
    """A hunk of one line."""
    return Hunk(
        path=path, kind=kind, start=1, removed=("a",), added=("b",), status=status, rung=Rung.EXACT, target=path, line=1
    )


def ported(of: Fix, *hunks: Hunk) -> PortedFix:
    """A fix with its hunks on the pin."""
    return PortedFix(advisory=of.advisory, fix=of, hunks=hunks)


def backport(pinned: SourceTree, patched: SourceTree, *fixes: PortedFix, tests: Mapping[str, str]) -> Backport:
    """A backport with its security tests."""
    contents = {path: text.encode() for path, text in tests.items()}
    return Backport(pinned=pinned, patched=patched, ported=fixes, security_tests=contents)


def run(*, exit_code: int | None = 0, problem: str = "", **by_status: list[str]) -> TestRun:
    """A test run from lists of ids: `run(passed=["tests.test_x::test_a"], failed=[...])`."""
    results = {test: TestStatus(status) for status, tests in by_status.items() for test in tests}
    return TestRun(command=("pytest",), results=results, exit_code=exit_code, seconds=0.1, problem=problem)


def exploit(*shown: str) -> Exploit:
    """An exploit of the default vulnerability, whose program is never run; `shown` are its two releases."""
    fires, blocked = shown or ("1.0", "1.1")
    return Exploit(
        name="cve-2099-0001_thing.py",
        vulnerability=CVE,
        package="thing",
        cwe=("CWE-22",),
        signal=Signal.READ,
        references=("https://example.invalid/",),
        shown=(fires, blocked),
        program=b"program",
        contract=b"contract",
    )
