"""The verdict of a run is read outside the sandbox, from what the run left behind."""

import base64
import json

import pytest

from avr.model.exploit import Signal
from avr.proofs import contract
from avr.proofs.reading import CUT, Left, Shown, read

NONCE, SECRET = "a1b2", "c3d4"


def shown(
    verdict: str, signal: Signal = Signal.ACCEPTED, data: bytes = b"", nonce: str = NONCE, witness: bool = False
) -> Shown:
    """The reading of a well-formed report."""
    report = {"nonce": nonce, "verdict": verdict, "detail": "d", "data": base64.b64encode(data).decode()}
    left = Left(report=json.dumps(report).encode(), witness=witness, seconds=1.0)
    return read(left, signal, NONCE, SECRET).shown


def sampled(*samples: tuple[float, float], seconds: float = 60.0) -> Shown:
    """The reading of a series of processor times."""
    report = {"nonce": NONCE, "verdict": "measured", "detail": "", "samples": [list(each) for each in samples]}
    left = Left(report=json.dumps(report).encode(), witness=False, seconds=seconds)
    return read(left, Signal.SLOW, NONCE, SECRET).shown


@pytest.mark.parametrize("verdict", ["fired", "blocked", "inconclusive"])
def test_a_plain_signal_is_taken_at_its_word(verdict: str) -> None:
    """A signal without traces outside needs the nonce alone."""
    assert Shown(verdict) is shown(verdict)


def test_a_report_without_the_nonce_of_the_run_says_nothing() -> None:
    """A report from elsewhere, or from an earlier run, is inconclusive."""
    assert Shown.INCONCLUSIVE is shown("fired", nonce="other")


@pytest.mark.parametrize("report", [None, b"", b"[]", b"\xff", b"{}", b"[" * 100_000, b'{"nonce": "a1b2"}'])
def test_a_report_that_cannot_be_read_says_nothing(report: bytes | None) -> None:
    """Absent, empty, foreign and hostile reports are inconclusive."""
    assert Shown.INCONCLUSIVE is read(Left(report=report, witness=True, seconds=1), Signal.WEAK, NONCE, SECRET).shown


def test_a_verdict_beyond_the_contract_says_nothing() -> None:
    """Only the words of the contract count."""
    assert Shown.INCONCLUSIVE is shown("certainly")


@pytest.mark.parametrize(("signal", "trace"), [(Signal.READ, SECRET), (Signal.SENT, NONCE), (Signal.INJECTED, NONCE)])
def test_what_came_out_must_bear_the_verdict_out(signal: Signal, trace: str) -> None:
    """Fired needs the run's own value in the data, blocked its absence."""
    trace_in, without = f"..{trace}..".encode(), b"...."
    assert [Shown.FIRED, Shown.INCONCLUSIVE] == [shown("fired", signal, data) for data in (trace_in, without)]
    assert [Shown.INCONCLUSIVE, Shown.BLOCKED] == [shown("blocked", signal, data) for data in (trace_in, without)]


def test_code_that_ran_leaves_its_witness() -> None:
    """The witness decides whether the payload was executed, not the program."""
    found = {said: [shown(said, Signal.EXECUTED, witness=each) for each in (True, False)] for said in Shown}
    assert [Shown.FIRED, Shown.INCONCLUSIVE] == found[Shown.FIRED]
    assert [Shown.INCONCLUSIVE, Shown.BLOCKED] == found[Shown.BLOCKED]


def test_slowness_cannot_be_claimed() -> None:
    """For time only samples count."""
    assert [Shown.INCONCLUSIVE] * 2 == [shown(each, Signal.SLOW) for each in ("fired", "blocked")]


def test_quadratic_time_fires() -> None:
    """Time that grows with the square of the size is the signal."""
    assert Shown.FIRED is sampled((1000, 0.05), (2000, 0.2), (4000, 0.8))


def test_exponential_time_fires() -> None:
    """So is time that doubles with every step."""
    assert Shown.FIRED is sampled((20, 0.1), (21, 0.2), (22, 0.4), (23, 0.8))


@pytest.mark.parametrize("samples", [((1000, 0.2), (2000, 0.4), (4000, 0.8)), ((1000, 0.0), (2000, 0.0), (4000, 0.05))])
def test_linear_and_quick_work_is_blocked(samples: tuple[tuple[float, float], ...]) -> None:
    """Growth with the size, or times too short to hurt."""
    assert Shown.BLOCKED is sampled(*samples)


def test_noise_below_the_floor_never_fires() -> None:
    """A steep curve of a few milliseconds is no denial of service, and not shown to be harmless either."""
    assert Shown.INCONCLUSIVE is sampled((1000, 0.002), (2000, 0.01), (4000, 0.2))


def test_a_sample_that_was_cut_does_not_hide_growth() -> None:
    """On a busy machine the last sample may be cut; the complete ones before it are quadratic."""
    assert Shown.FIRED is sampled((1500, 0.059), (3000, 0.235), (6000, 0.945), (12000, CUT))


@pytest.mark.parametrize(
    "samples",
    [
        ((1500, 0.059), (3000, 0.083), (6000, 0.14), (12000, 0.9), (24000, CUT)),
        ((1000, 0.6), (2000, 1.1), (4000, CUT)),
        ((3000, 0.9), (6000, CUT)),
    ],
)
def test_a_sample_that_was_cut_adds_nothing(samples: tuple[tuple[float, float], ...]) -> None:
    """Where the complete samples do not show growth nothing does, and nothing is shown to be blocked either."""
    assert Shown.INCONCLUSIVE is sampled(*samples)


def test_the_contract_cuts_where_the_reading_says() -> None:
    """Both sides know the same limit."""
    assert contract._LIMIT == CUT


def test_one_slow_sample_says_nothing() -> None:
    """Growth needs two sizes."""
    assert Shown.INCONCLUSIVE is sampled((1000, 9.0))


def test_samples_longer_than_the_run_are_not_believed() -> None:
    """The wall time of the whole run is measured outside."""
    assert Shown.INCONCLUSIVE is sampled((1000, 1.0), (2000, 4.0), seconds=2.0)


@pytest.mark.parametrize(
    "samples",
    [((2000, 0.0), (1000, 0.0)), ((0, 0.0), (1, 0.0)), ((1, -1.0), (2, 0.0)), ((1, float("nan")), (2, 0.0))],
)
def test_malformed_samples_say_nothing(samples: tuple[tuple[float, float], ...]) -> None:
    """Sizes grow and are positive, times are finite and not negative."""
    assert Shown.INCONCLUSIVE is sampled(*samples)
