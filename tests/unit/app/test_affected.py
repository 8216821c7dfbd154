"""An advisory's ranges are checked release by release; what cannot be run leaves the claim as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from avr.app.affected import Question, Tools, check
from avr.app.fix_tests import Routes
from avr.app.progress import Silent
from avr.ecosystems.interface import Pin, RegistryRelease, TestRequest
from avr.errors import AvrError, UsageError
from avr.model.affected import RangeCheck, Shown
from avr.model.component import Component, Inventory
from avr.model.evidence import TestRun
from avr.model.exploit import Exploit
from avr.model.finding import Finding
from avr.model.fix import ChangeKind, Fix
from avr.model.identifiers import EcosystemName
from avr.model.plan import Plan
from avr.model.source import SourceTree
from avr.testing import build, tiny
from avr.testing.tiny import REPAIRED, VULNERABLE, TinyEcosystem, TinyRegistry, Unequipped

CODE = "src/thing/__init__.py"
OPEN = {"0.9": False, "1.0": False, "1.1": True, "1.2": True, "1.3": True, "2.0": False, "2.1": False}
"""The releases and whether the hole is open in them."""
CLAIMED = ("1.0", "1.1", "1.2")
EXPLOIT = build.exploit("1.1", "2.0")


class Registry(TinyRegistry):
    """Lists all releases."""

    def releases(self, package: str) -> tuple[RegistryRelease, ...]:
        """Their files do not matter here."""
        files = super().releases(package)[0].files
        return tuple(RegistryRelease(version=each, files=files) for each in OPEN)


class Things(TinyEcosystem):
    """Each release of the package with its own source; 1.2 cannot be had."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.registry = Registry(folder)

    def pin(self, component: Component) -> Pin:
        """The release's source."""
        if component.version == "1.2":
            raise AvrError("registry.no-source", "nothing but compiled wheels", hint="none")
        pin = super().pin(component)
        source = VULNERABLE if OPEN[component.version] else REPAIRED
        return replace(pin, component=component, tree=pin.tree.replacing({CODE: source.encode()}))


TEST = "tests.test_thing::test_refuses_parent"


@dataclass
class Bench(Unequipped):
    """The exploit fires, and the fix's test fails, where parents are not refused; 2.0 has no environment."""

    version: str
    facts: Mapping[str, str]

    @property
    def problem(self) -> str | None:
        """No interpreter for 2.0."""
        return "no interpreter suits it" if self.version == "2.0" else None

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Look at the source."""
        closed = b"raise ValueError" in tree.files[CODE]
        attacks = [request.exploit.name] if request.exploit else []
        names = [*attacks, *([TEST] if tests else [])]
        return build.run(passed=names) if closed else build.run(failed=names)


def _findings(inventory: Inventory) -> tuple[Finding, ...]:
    return tuple(build.finding(of=each) for each in inventory.components if each.version in CLAIMED)


def _routes(folder: Path, fix: Fix | None) -> Routes:
    def planner(pin: Pin, findings: Sequence[Finding]) -> Plan:
        assert [each.component for each in findings] == [pin.component]
        return build.plan(build.step(fix) if fix else build.step())

    return Routes(
        ecosystem=Things(folder),
        planner=planner,
        upstream_tests=lambda _pin, _plan: None,
        tests_tree=lambda tree, _suite: tree,
        bench_of=lambda pin, _suite: Bench(pin.component.version, {}),
        seconds=60,
    )


def _check(folder: Path, *exploits: Exploit, advisory: str = build.CVE, fix: Fix | None = None) -> RangeCheck:
    tools = Tools(
        findings=_findings,
        exploits_of=lambda _ecosystem, _package, _ids: exploits,
        progress=Silent(),
        routes=_routes(folder, fix),
    )
    return check(Question(ecosystem=EcosystemName.PYPI, package="thing", advisory=advisory, neighbours=2), tools)


def test_claimed_releases_and_their_neighbours_are_tested(tmp_path: Path) -> None:
    """Two on each side, where there are as many; what cannot be run is undecided with the reason."""
    found = _check(tmp_path, EXPLOIT)
    shown = {each.version: (each.claimed, each.shown) for each in found.releases}
    assert shown == {
        "0.9": (False, Shown.UNAFFECTED),
        "1.0": (True, Shown.UNAFFECTED),
        "1.1": (True, Shown.AFFECTED),
        "1.2": (True, Shown.UNDECIDED),
        "1.3": (False, Shown.AFFECTED),
        "2.0": (False, Shown.UNDECIDED),
    }
    why = {each.version: each.why for each in found.releases}
    assert why["1.2"] == "nothing but compiled wheels [registry.no-source]"
    assert why["2.0"].startswith("no interpreter suits it")


def test_only_what_was_shown_contradicts_the_advisory(tmp_path: Path) -> None:
    """Undecided releases stay as they are claimed."""
    found = _check(tmp_path, EXPLOIT)
    assert [each.version for each in found.disagreeing] == ["1.0", "1.3"]
    assert [each.version for each in found.releases if each.affected] == ["1.1", "1.2", "1.3"]


def test_an_unknown_advisory_names_the_known_ones(tmp_path: Path) -> None:
    """Bad input is a usage error with a hint."""
    with pytest.raises(UsageError, match="CVE-2099-9999") as raised:
        _check(tmp_path, EXPLOIT, advisory="CVE-2099-9999")
    assert raised.value.code == "affected.unknown-advisory"
    assert build.CVE in raised.value.hint


def _fix(*, bites: bool = True) -> Fix:
    """Upstream's fix with its test; one that does not bite changes nothing that the test looks at."""
    repaired = REPAIRED if bites else f"{VULNERABLE}\n\ndef more():\n    return 2\n"
    code = build.change(CODE, VULNERABLE, repaired)
    return build.fix(code, build.change("tests/test_thing.py", None, tiny.TEST, ChangeKind.TEST))


def test_without_an_exploit_the_tests_of_the_fix_decide(tmp_path: Path) -> None:
    """Red as it is and green with the fix is affected; green as it is, where it bites elsewhere, is not."""
    found = _check(tmp_path, fix=_fix())
    shown = {each.version: each.shown for each in found.releases}
    assert shown == {
        "0.9": Shown.UNAFFECTED,
        "1.0": Shown.UNAFFECTED,
        "1.1": Shown.AFFECTED,
        "1.2": Shown.UNDECIDED,
        "1.3": Shown.AFFECTED,
        "2.0": Shown.UNDECIDED,
    }
    assert found.tests == (TEST,)


def test_tests_that_show_the_hole_nowhere_clear_nothing(tmp_path: Path) -> None:
    """Where no release turns from red to green, green elsewhere may mean that the tests look past the hole."""
    found = _check(tmp_path, fix=_fix(bites=False))
    assert {each.shown for each in found.releases} == {Shown.UNDECIDED}


def test_an_exploit_without_a_verdict_leaves_it_to_the_tests(tmp_path: Path) -> None:
    """2.0 has no environment for either; where exploits decide, no test is run."""
    found = _check(tmp_path, EXPLOIT, fix=_fix())
    assert {each.version: len(each.evidence) for each in found.releases if each.shown is Shown.AFFECTED} == {
        "1.1": 1,
        "1.3": 1,
    }
    assert found.tests == ()


def test_with_neither_exploit_nor_fix_everything_stays_as_claimed(tmp_path: Path) -> None:
    """There is nothing to run, and every release says so."""
    found = _check(tmp_path)
    assert {each.shown for each in found.releases} == {Shown.UNDECIDED}
    assert "no test of the fix is known" in found.releases[0].why
    assert found.disagreeing == ()
