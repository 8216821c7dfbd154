"""The final state follows from plan, backport and evidence."""

from dataclasses import replace

import pytest

from avr.app import states
from avr.model.backport import HunkStatus
from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import Assurance, Gate, State
from avr.model.plan import Strategy
from avr.testing import build

ALL = (Gate.APPLIES, Gate.SOUND, Gate.BUILDS, Gate.NO_REGRESSION, Gate.SECURITY_TEST)


def _evidence(gate: Gate, verdict: Verdict = Verdict.PASSED) -> Evidence:
    return Evidence(gate=gate, verdict=verdict, summary="what it showed", advisory=build.CVE, facts={}, logs={})


def _state(*evidence: Evidence, strategy: Strategy = Strategy.BACKPORT) -> tuple[State, str]:
    found = states.report(build.step(strategy=strategy), {}, evidence, Assurance.FIXED)
    return found.state, found.code


def test_all_gates_passed_is_fixed() -> None:
    """G0 to G4 give A3."""
    assert (State.FIXED, "fixed") == _state(*map(_evidence, ALL))


@pytest.mark.parametrize("gate", ALL)
def test_any_failed_gate_is_not_fixed(gate: Gate) -> None:
    """One failure forbids `fixed`, whatever else passed."""
    evidence = [_evidence(each, Verdict.FAILED if each is gate else Verdict.PASSED) for each in ALL]
    assert (State.NEEDS_REVIEW, f"validate.{gate.lower()}-failed") == _state(*evidence)


@pytest.mark.parametrize("gate", ALL)
def test_any_missing_evidence_is_not_fixed(gate: Gate) -> None:
    """What could not be run does not count as passed."""
    assert State.NEEDS_REVIEW is _state(*(_evidence(each) for each in ALL if each is not gate))[0]


def test_a_failed_exploit_forbids_fixed() -> None:
    """Evidence beyond the needed gates can still speak against the fix."""
    assert State.NEEDS_REVIEW is _state(*map(_evidence, ALL), _evidence(Gate.EXPLOIT, Verdict.FAILED))[0]


def test_a_red_test_disputes_not_affected() -> None:
    """Where the source says `not affected` and the fix's test fails, a person must look."""
    red = _evidence(Gate.SECURITY_TEST, Verdict.FAILED)
    assert (State.NEEDS_REVIEW, "plan.presence-disputed") == _state(red, strategy=Strategy.NOT_AFFECTED)


def test_not_affected_stands_without_dispute() -> None:
    """Static proof is enough where no test can be run."""
    assert (State.NOT_AFFECTED, "plan.not-affected") == _state(strategy=Strategy.NOT_AFFECTED)


def test_a_rejected_finding_names_its_hunk() -> None:
    """The reviewer is told which hunk has no place."""
    ported = build.ported(build.fix(), build.hunk(status=HunkStatus.UNPLACED))
    found = states.report(build.step(), {build.CVE: (ported, "no place")}, (), Assurance.FIXED)
    assert ("patch.unplaced-hunk", "no place: thing.py:1") == (found.code, found.why)


def test_a_fix_that_exists_but_was_not_found_needs_review() -> None:
    """A release that closes it is known, so `no_fix_known` would be wrong."""
    step = build.step(strategy=Strategy.NO_FIX_KNOWN)
    step = replace(step, finding=replace(step.finding, fixed_in=("2.0",)))
    found = states.report(step, {}, (), Assurance.FIXED)
    assert (State.NEEDS_REVIEW, "plan.fix-not-found") == (found.state, found.code)


def test_no_fix_known_is_told() -> None:
    """Nothing is pretended where no fix was found."""
    assert (State.NO_FIX_KNOWN, "plan.no-fix-known") == _state(strategy=Strategy.NO_FIX_KNOWN)
