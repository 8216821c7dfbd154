"""The level follows from the evidence alone."""

import pytest

from avr.model.assurance import assurance, lacking
from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import AdvisoryId, Assurance, Gate
from avr.testing.build import CVE

LADDER = [Gate.APPLIES, Gate.SOUND, Gate.BUILDS, Gate.NO_REGRESSION, Gate.SECURITY_TEST]


def _evidence(gate: Gate, verdict: Verdict = Verdict.PASSED, advisory: AdvisoryId | None = None) -> Evidence:
    return Evidence(gate=gate, verdict=verdict, summary="", advisory=advisory, facts={}, logs={})


@pytest.mark.parametrize(
    ("gates", "expected"),
    [
        ([], Assurance.NONE),
        (LADDER[:1], Assurance.PORTED),
        (LADDER[:2], Assurance.PORTED),
        (LADDER[:3], Assurance.BUILT),
        (LADDER[:4], Assurance.NO_REGRESSION_SEEN),
        (LADDER, Assurance.FIXED),
        ([*LADDER[:4], Gate.EXPLOIT], Assurance.FIXED),
        ([*LADDER, Gate.EXPLOIT], Assurance.FIXED),
        ([*LADDER, Gate.EXPLOIT, Gate.BEHAVIOUR], Assurance.PROVED_TWICE),
        (LADDER[1:], Assurance.NONE),
    ],
)
def test_each_level_needs_all_its_gates(gates: list[Gate], expected: Assurance) -> None:
    """No gate can be skipped on the way up."""
    assert expected == assurance([_evidence(gate) for gate in gates], CVE)


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.NO_EVIDENCE])
def test_only_a_pass_counts(verdict: Verdict) -> None:
    """A suite that could not be run gives no level."""
    evidence = [_evidence(gate) for gate in LADDER if gate is not Gate.NO_REGRESSION]
    assert Assurance.BUILT == assurance([*evidence, _evidence(Gate.NO_REGRESSION, verdict)], CVE)


def test_one_failure_among_passes_fails_the_gate() -> None:
    """A passed check does not outvote a failed one of the same gate."""
    evidence = [_evidence(gate) for gate in LADDER]
    assert Assurance.NO_REGRESSION_SEEN == assurance([*evidence, _evidence(Gate.SECURITY_TEST, Verdict.FAILED)], CVE)


def test_a_failed_exploit_gate_outweighs_a_passed_test() -> None:
    """An exploit that still works forbids `fixed`."""
    evidence = [*(_evidence(gate) for gate in LADDER), _evidence(Gate.EXPLOIT, Verdict.FAILED)]
    assert Assurance.NO_REGRESSION_SEEN == assurance(evidence, CVE)


def test_changed_behaviour_outweighs_every_proof() -> None:
    """A failed G6 forbids `fixed`; where it shows nothing the level stays what it was."""
    proofs = [_evidence(gate) for gate in (*LADDER, Gate.EXPLOIT)]
    levels = [assurance([*proofs, _evidence(Gate.BEHAVIOUR, verdict)], CVE) for verdict in Verdict]
    assert [Assurance.PROVED_TWICE, Assurance.NO_REGRESSION_SEEN, Assurance.FIXED] == levels


def test_evidence_of_another_advisory_does_not_count() -> None:
    """The security test of one hole says nothing about another."""
    evidence = [_evidence(gate) for gate in LADDER[:4]]
    other = _evidence(Gate.SECURITY_TEST, advisory=AdvisoryId("CVE-2099-0002"))
    assert Assurance.NO_REGRESSION_SEEN == assurance([*evidence, other], CVE)


def test_lacking_names_what_did_not_pass() -> None:
    """The report says what is missing."""
    assert (Gate.EXPLOIT, Gate.BEHAVIOUR) == lacking([_evidence(gate) for gate in LADDER], CVE)
