"""An advisory's ranges are checked release by release; what cannot be run leaves the claim as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from avr.app.affected import Question, Tools, check
from avr.app.progress import Silent
from avr.ecosystems.interface import Pin, RegistryRelease, TestRequest
from avr.errors import AvrError, UsageError
from avr.model.affected import RangeCheck, Shown
from avr.model.component import Component, Inventory
from avr.model.evidence import TestRun
from avr.model.exploit import Exploit, Signal
from avr.model.finding import Finding
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree
from avr.testing import build
from avr.testing.tiny import REPAIRED, VULNERABLE, TinyEcosystem, TinyRegistry

CODE = "src/thing/__init__.py"
OPEN = {"0.9": False, "1.0": False, "1.1": True, "1.2": True, "1.3": True, "2.0": False, "2.1": False}
"""The releases and whether the hole is open in them."""
CLAIMED = ("1.0", "1.1", "1.2")
EXPLOIT = Exploit(
    name="cve-2099-0001_thing.py",
    vulnerability=build.CVE,
    package="thing",
    cwe=("CWE-22",),
    signal=Signal.READ,
    references=("https://example.invalid/",),
    shown=("1.1", "2.0"),
    program=b"program",
    contract=b"contract",
)


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


@dataclass
class Bench:
    """The exploit fires where parents are not refused; 2.0 has no environment."""

    version: str
    facts: Mapping[str, str]

    @property
    def problem(self) -> str | None:
        """No interpreter for 2.0."""
        return "no interpreter suits it" if self.version == "2.0" else None

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Look at the source."""
        del tests
        assert request.exploit is not None
        closed = b"raise ValueError" in tree.files[CODE]
        return build.run(passed=[request.exploit.name]) if closed else build.run(failed=[request.exploit.name])


def _findings(inventory: Inventory) -> tuple[Finding, ...]:
    return tuple(build.finding(of=each) for each in inventory.components if each.version in CLAIMED)


def _check(folder: Path, *exploits: Exploit, advisory: str = build.CVE) -> RangeCheck:
    tools = Tools(
        ecosystem=Things(folder),
        findings=_findings,
        bench_of=lambda pin, _suite: Bench(pin.component.version, {}),
        exploits_of=lambda _ecosystem, _package, _ids: exploits,
        progress=Silent(),
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
    assert why["2.0"] == "no interpreter suits it"


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


def test_without_an_exploit_nothing_is_claimed(tmp_path: Path) -> None:
    """There is nothing to run."""
    with pytest.raises(AvrError, match="no exploit") as raised:
        _check(tmp_path)
    assert raised.value.code == "affected.no-exploit"
