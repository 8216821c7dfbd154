"""What ran without isolation can speak against a fix but not for it."""

import os
from pathlib import Path

import pytest

from avr.app.isolation import unisolated, weighed
from avr.model.assurance import assurance
from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import AdvisoryId, Assurance, Gate
from avr.tools import sandbox
from avr.tools.sandbox.choice import _PERMISSION

ADVISORY = AdvisoryId("CVE-2099-1")


def evidence(gate: Gate, verdict: Verdict = Verdict.PASSED) -> Evidence:
    """A check of one gate."""
    return Evidence(gate=gate, verdict=verdict, summary="seen", facts={"kept": "yes"}, logs={})


ALL = [evidence(gate) for gate in Gate]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which no sandbox can be made."""
    for name in ("bwrap", "podman"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("AVR_SANDBOX", raising=False)


@pytest.mark.parametrize("gate", [gate for gate in Gate if gate not in {Gate.APPLIES, Gate.SOUND}])
def test_a_pass_of_what_was_executed_is_no_evidence(gate: Gate) -> None:
    """The report says why, and keeps what was seen."""
    seen = unisolated(evidence(gate))
    assert Verdict.NO_EVIDENCE is seen.verdict
    assert "without isolation" in seen.summary
    assert {"kept": "yes", "sandbox sandbox": sandbox.NOT_ISOLATED} == seen.facts


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.NO_EVIDENCE])
def test_what_speaks_against_a_fix_stays(verdict: Verdict) -> None:
    """A red test is no smaller reason for caution without a sandbox; it is marked as well."""
    seen = unisolated(evidence(Gate.SECURITY_TEST, verdict))
    assert (verdict, "seen", sandbox.NOT_ISOLATED) == (seen.verdict, seen.summary, seen.facts["sandbox sandbox"])


def test_no_level_above_ported_can_be_reached() -> None:
    """Whatever passes: not even a build counts."""
    assert Assurance.PROVED_TWICE is assurance(ALL, ADVISORY)
    assert Assurance.PORTED is assurance([unisolated(each) for each in ALL], ADVISORY)


@pytest.mark.sandbox
def test_in_a_sandbox_evidence_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the user would have allowed less."""
    monkeypatch.setattr(_PERMISSION, "unsafe", True)
    assert tuple(ALL) == weighed(ALL)


@pytest.mark.skipif(os.geteuid() != 0, reason="without isolation avr has to be root to give up its rights")
@pytest.mark.usefixtures("machine")
def test_without_isolation_evidence_is_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ran is asked, not what was wished for."""
    monkeypatch.setattr(_PERMISSION, "unsafe", True)
    assert tuple(unisolated(each) for each in ALL) == weighed(ALL)


@pytest.mark.usefixtures("machine")
def test_without_the_switch_nothing_is_unsafe() -> None:
    """Nothing runs, so that nothing has to be weighed."""
    assert (False, "") == (sandbox.is_unsafe(), sandbox.taken())
