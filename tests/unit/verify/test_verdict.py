"""The verdict on a claim: all of it seen, nothing against it, whatever else the capsule says."""

import pytest

from avr.model.capsule import Expected
from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import AdvisoryId, Assurance, Gate
from avr.testing import build
from avr.verify.verdict import Result, judge

TEST, EXPLOIT = "tests.test_thing::test_a", "cve-2099-0001_thing.py"


def _tests(verdict: Verdict, *green: str) -> Evidence:
    facts: dict[str, str | int | float | list[str]] = {"turned_green": list(green)}
    return Evidence(gate=Gate.SECURITY_TEST, advisory=build.CVE, verdict=verdict, summary="tests", facts=facts, logs={})


def _exploit(verdict: Verdict) -> Evidence:
    facts: dict[str, str | int | float | list[str]] = {"exploit": EXPLOIT}
    return Evidence(gate=Gate.EXPLOIT, advisory=build.CVE, verdict=verdict, summary="exploit", facts=facts, logs={})


PASSED, FAILED, NOTHING = Verdict.PASSED, Verdict.FAILED, Verdict.NO_EVIDENCE


@pytest.mark.parametrize(
    ("tests", "exploits", "evidence", "result"),
    [
        ((TEST,), (), [_tests(PASSED, TEST)], Result.PROVED),
        ((), (EXPLOIT,), [_tests(NOTHING), _exploit(PASSED)], Result.PROVED),
        ((TEST,), (EXPLOIT,), [_tests(PASSED, TEST), _exploit(PASSED)], Result.PROVED),
        ((TEST,), (EXPLOIT,), [_tests(PASSED, TEST), _exploit(NOTHING)], Result.NOT_REPRODUCED),
        ((TEST,), (), [_tests(PASSED, "tests.test_thing::test_other")], Result.NOT_REPRODUCED),
        ((TEST,), (), [_tests(NOTHING, TEST)], Result.NOT_REPRODUCED),
        ((TEST,), (), [], Result.NOT_REPRODUCED),
        ((), (), [_tests(PASSED, TEST)], Result.NOT_REPRODUCED),
        ((TEST,), (), [_tests(PASSED, TEST), _exploit(FAILED)], Result.DISPROVED),
        ((TEST,), (), [_tests(FAILED, TEST)], Result.DISPROVED),
    ],
)
def test_the_verdict(
    tests: tuple[str, ...], exploits: tuple[str, ...], evidence: list[Evidence], result: Result
) -> None:
    """Each claim with what was seen."""
    claim = Expected(
        advisory=build.CVE, names=(build.CVE,), assurance=Assurance.FIXED, turned_green=tests, blocked=exploits
    )
    assert result is judge(claim, evidence).result


def test_what_was_seen_of_another_advisory_does_not_count() -> None:
    """Each advisory is judged by its own evidence."""
    claim = Expected(
        advisory=AdvisoryId("CVE-2099-9999"),
        names=(),
        assurance=Assurance.FIXED,
        turned_green=(TEST,),
        blocked=(),
    )
    assert Result.NOT_REPRODUCED is judge(claim, [_tests(PASSED, TEST)]).result
