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


MIB = 1 << 20


def weighed(*samples: tuple[float, float], cut: object = False) -> Shown:
    """The reading of a series of peaks, given in MiB."""
    peaks = [[size, peak * MIB] for size, peak in samples]
    report = {"nonce": NONCE, "verdict": "measured", "detail": "", "samples": peaks, "cut": cut}
    left = Left(report=json.dumps(report).encode(), witness=False, seconds=60.0)
    return read(left, Signal.MEMORY, NONCE, SECRET).shown


def test_memory_cannot_be_claimed() -> None:
    """Only samples count."""
    assert [Shown.INCONCLUSIVE] * 2 == [shown(each, Signal.MEMORY) for each in ("fired", "blocked")]


@pytest.mark.parametrize("peaks", [(5, 9, 18, 35), (1, 1, 12, 24), (2, 8, 32, 128)])
def test_memory_that_grows_with_the_input_fires(peaks: tuple[float, ...]) -> None:
    """Held as it comes, unpacked, or worse."""
    assert Shown.FIRED is weighed(*zip((1, 2, 4, 8), peaks, strict=True))


@pytest.mark.parametrize("peaks", [(0, 0.1, 0.1, 0.2), (1.9, 0, 1.5, 1.8), (20, 21, 20, 22), (9, 12, 12, 12)])
def test_bounded_memory_is_blocked(peaks: tuple[float, ...]) -> None:
    """Nothing to speak of, and a limit that holds, however much it allows."""
    assert Shown.BLOCKED is weighed(*zip((1, 2, 4, 8), peaks, strict=True))


@pytest.mark.parametrize("peaks", [(2, 4, 8, 15), (20, 20, 20, 40), (4, 8, 16, 17), (10, 15, 22, 33), (0, 0, 0, 3)])
def test_what_lies_between_is_not_decided(peaks: tuple[float, ...]) -> None:
    """Growth below the floor, growth that only begins or only ends, and growth by the root."""
    assert Shown.INCONCLUSIVE is weighed(*zip((1, 2, 4, 8), peaks, strict=True))


def test_a_peak_that_was_cut_never_shows_blocked() -> None:
    """It is a lower bound: growth stays growth, and a flat line is none."""
    assert Shown.INCONCLUSIVE is weighed((1, 1), (2, 1), (4, 1), cut=True)
    assert Shown.FIRED is weighed((1, 10), (2, 20), (4, 40), cut=True)
    assert Shown.FIRED is weighed((1, 10), (2, 20), (4, 20), cut=True)
    assert Shown.INCONCLUSIVE is weighed((1, 20), (2, 20), cut=True)


@pytest.mark.parametrize("cut", [None, 0, "no", []])
def test_peaks_must_say_whether_they_are_whole(cut: object) -> None:
    """Nothing is taken for granted."""
    assert Shown.INCONCLUSIVE is weighed((1, 1), (2, 1), cut=cut)


@pytest.mark.parametrize("samples", [((1, 1),), (), ((2, 1), (1, 1)), ((0, 1), (1, 1)), ((1, -1), (2, 1))])
def test_malformed_peaks_say_nothing(samples: tuple[tuple[float, float], ...]) -> None:
    """As with times: at least two, of growing positive sizes, none negative."""
    assert Shown.INCONCLUSIVE is weighed(*samples)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([[1, 10.0]], Shown.FIRED),
        ([[1, 2.0]], Shown.FIRED),
        ([[1, 1.9]], Shown.INCONCLUSIVE),
        ([[1, 0.3]], Shown.INCONCLUSIVE),
        ([[1, 0.2]], Shown.BLOCKED),
        ([[1, 90.0]], Shown.INCONCLUSIVE),
        ([], Shown.INCONCLUSIVE),
        ([[1, 0.1], [2, 10.0]], Shown.INCONCLUSIVE),
        ("long", Shown.INCONCLUSIVE),
    ],
)
def test_a_single_time_is_endless_done_or_nothing(samples: object, expected: Shown) -> None:
    """A factor of ten lies between the two, and no more time can be claimed than has passed."""
    report = {"nonce": NONCE, "verdict": "measured", "detail": "", "samples": samples}
    left = Left(report=json.dumps(report).encode(), witness=False, seconds=60.0)
    assert expected is read(left, Signal.HUNG, NONCE, SECRET).shown
