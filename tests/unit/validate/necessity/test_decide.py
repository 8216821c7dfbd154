"""What removals and mutants show together."""

import pytest

from avr.model.evidence import Verdict
from avr.model.identifiers import Gate
from avr.stages.validate.necessity.decide import Outcome, Tried, examined, one_sided, unfit

N, U, X, Q, T = Outcome.NOTICED, Outcome.UNNOTICED, Outcome.USED, Outcome.UNCLEAR, Outcome.NOT_RUN


def _tried(*outcomes: Outcome) -> list[Tried]:
    return [Tried(name=f"a.py:{at}", outcome=each) for at, each in enumerate(outcomes, 1)]


@pytest.mark.parametrize(
    ("removals", "verdict", "words"),
    [
        ((N,), Verdict.PASSED, "the only hunk is load-bearing"),
        ((N, N), Verdict.PASSED, "all 2 hunks are load-bearing"),
        ((N, X), Verdict.PASSED, "the only hunk is load-bearing"),
        ((N, U), Verdict.NO_EVIDENCE, "proof weak: no security test notices when a.py:2 is removed"),
        ((N, Q), Verdict.NO_EVIDENCE, "not every removal could be tried: a.py:2"),
        ((N, T), Verdict.NO_EVIDENCE, "not every removal could be tried: a.py:2: no time was left"),
        ((X, X), Verdict.NO_EVIDENCE, "the 2 hunks use one another: none can be removed alone"),
        ((), Verdict.NO_EVIDENCE, "not every removal could be tried"),
    ],
)
def test_a_hunk_that_nobody_misses_makes_the_proof_weak(
    removals: tuple[Outcome, ...], verdict: Verdict, words: str
) -> None:
    """Only where every removal is noticed does the evidence pass."""
    found = examined(_tried(*removals), [], 0, None, 1.0)
    assert (Gate.NECESSITY, verdict, True) == (found.gate, found.verdict, found.summary.startswith(words))


@pytest.mark.parametrize(
    ("whole", "verdict", "words"),
    [
        (
            N,
            Verdict.NO_EVIDENCE,
            "proof weak: no security test notices when a.py:1 or a.py:2 is removed; of all hunks together: noticed",
        ),
        (U, Verdict.FAILED, "the security tests do not notice when the whole patch is removed"),
        (T, Verdict.NO_EVIDENCE, "proof weak"),
    ],
)
def test_a_proof_that_no_removal_shakes_is_put_to_the_test(whole: Outcome, verdict: Verdict, words: str) -> None:
    """Several hunks may guard the same hole; tests that pass without any of them contradict themselves."""
    found = examined(_tried(U, U), [], 0, Tried(name="everything", outcome=whole), 1.0)
    assert (verdict, True) == (found.verdict, found.summary.startswith(words))


def test_mutants_are_listed_and_counted() -> None:
    """Noticed and survived by name; those not run count as left out."""
    found = examined(_tried(N), _tried(N, U, T, Q), 3, None, 1.26)
    assert "the only hunk is load-bearing; 1 of 2 mutants noticed" == found.summary
    assert ["a.py:2"] == found.facts["mutants_survived"]
    assert ["a.py:1"] == found.facts["mutants_noticed"]
    assert (4, 1.3) == (found.facts["mutants_left_out"], found.facts["seconds"])


def test_hunks_that_upstream_did_not_write_take_tests_and_an_exploit() -> None:
    """What is missing is told."""
    assert "no exploit was blocked" in one_sided(tests=True, exploits=False).summary
    found = one_sided(tests=False, exploits=True)
    assert (Gate.NECESSITY, Verdict.FAILED, True) == (found.gate, found.verdict, "no test of the fix" in found.summary)


def test_a_hunk_that_upstream_did_not_write_has_to_be_missed() -> None:
    """Nobody answers for it but the tests."""
    removals = [*_tried(N), Tried(name="b.py:1", outcome=U, foreign=True)]
    found = examined(removals, [], 0, None, 1.0)
    assert (Verdict.FAILED, "b.py:1 is not upstream's, and of its removal is known: no test notices") == (
        found.verdict,
        found.summary,
    )


def test_an_unfit_trial_fails_hunks_of_others_alone() -> None:
    """Upstream's need no trial."""
    verdicts = [unfit("t", foreign=each).verdict for each in (False, True)]
    assert [Verdict.NO_EVIDENCE, Verdict.FAILED] == verdicts
