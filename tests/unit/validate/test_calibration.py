"""Code of an advisory's text may judge only where it tells the pin from upstream's fixed release."""

from dataclasses import replace

import pytest

from avr.model.exploit import Signal
from avr.stages.validate.calibration import Observation, Settled, disagreement, observation, settle
from avr.testing import build

QUIET = Observation(ends="end", line=0, inside="", seconds=0.1, signs=frozenset())
READS = replace(QUIET, signs=frozenset({"read"}))
CRASHED = Observation(ends="RecursionError", line=3, inside="thing.parse", seconds=0.1, signs=frozenset({"crashed"}))
REFUSED = Observation(ends="ValueError", line=3, inside="thing.parse", seconds=0.1, signs=frozenset())
CUT = Observation(ends="cut", line=3, inside="", seconds=10.0, signs=frozenset({"hung"}))
PACKAGES = ("thing",)


@pytest.mark.parametrize(
    ("pin", "fixed", "settled"),
    [
        (READS, QUIET, Settled(signal=Signal.READ, ends="end")),
        (READS, REFUSED, Settled(signal=Signal.READ, ends="ValueError at line 3")),
        (CRASHED, QUIET, Settled(signal=Signal.CRASHED, ends="end")),
        (CRASHED, REFUSED, Settled(signal=Signal.CRASHED, ends="ValueError at line 3")),
        (
            CRASHED,
            replace(REFUSED, ends="thing.Error", inside="other"),
            Settled(signal=Signal.CRASHED, ends="thing.Error at line 3"),
        ),
        (CUT, QUIET, Settled(signal=Signal.HUNG, ends="end")),
        (replace(QUIET, seconds=4.0), QUIET, Settled(signal=Signal.HUNG, ends="end")),
    ],
)
def test_a_sign_on_the_pin_alone_settles_it(pin: Observation, fixed: Observation, settled: Settled) -> None:
    """The release runs through, or refuses by an error of its own."""
    assert settled == settle(pin, fixed, PACKAGES)


@pytest.mark.parametrize(
    ("pin", "fixed", "why"),
    [
        (QUIET, REFUSED, "nothing that can be seen from outside"),
        (REFUSED, QUIET, "nothing that can be seen from outside"),
        (READS, READS, "shows on the fixed release as well"),
        (CRASHED, replace(CRASHED, ends="MemoryError"), "shows on the fixed release as well"),
        (READS, replace(REFUSED, ends="ImportError"), "does not come to its end"),
        (READS, replace(REFUSED, ends="TypeError"), "does not come to its end"),
        (READS, replace(REFUSED, ends="AttributeError"), "does not come to its end"),
        (READS, replace(REFUSED, inside="__main__"), "does not come to its end"),
        (READS, replace(REFUSED, inside="other.part"), "does not come to its end"),
        (READS, replace(QUIET, ends="exit"), "does not come to its end"),
        (READS, replace(QUIET, ends="stuck"), "does not come to its end"),
        (READS, replace(QUIET, ends="signal 9"), "does not come to its end"),
        (READS, replace(REFUSED, line=0), "nothing shows where"),
        (CRASHED, replace(REFUSED, line=2), "before the place where the pin fails"),
        (replace(QUIET, ends="stuck", seconds=9.0), QUIET, "nothing that can be seen from outside"),
        (CUT, replace(QUIET, ends="stuck", seconds=9.0), "does not come to its end"),
        (CUT, replace(QUIET, seconds=1.0), "too near"),
        (CUT, replace(QUIET, seconds=5.0), "shows on the fixed release as well"),
    ],
)
def test_anything_else_is_inconclusive_with_its_reason(pin: Observation, fixed: Observation, why: str) -> None:
    """No sign, a sign on both, an end that is no answer."""
    found = settle(pin, fixed, PACKAGES)
    assert isinstance(found, str)
    assert why in found


def test_every_run_must_agree() -> None:
    """Two that fire and two that are blocked; one fewer, or one that differs, is nothing."""
    exploit = build.exploit()
    fires, blocked = build.run(failed=[exploit.name]), build.run(passed=[exploit.name])
    unclear = build.run(error=[exploit.name], problem="inconclusive: stuck")
    assert "" == disagreement(exploit, [fires, fires], [blocked, blocked])
    assert "fire on the pin" in disagreement(exploit, [fires, unclear], [blocked, blocked])
    assert "fire on the pin" in disagreement(exploit, [fires], [blocked, blocked])
    assert "be blocked on the fixed release" in disagreement(exploit, [fires, fires], [blocked, fires])
    assert disagreement(exploit, [fires, fires], [unclear, blocked]).endswith("stuck")


@pytest.mark.parametrize(
    "problem", ["", "inconclusive: no report of this run was left", "inconclusive: {}", "inconclusive: [1]"]
)
def test_a_run_that_tells_nothing_is_no_observation(problem: str) -> None:
    """A sandbox that ended it, a report that is none."""
    assert observation(build.run(error=["x"], problem=problem)) is None


def test_an_observation_is_read_from_the_reason_of_the_run() -> None:
    """As the program writes it."""
    problem = 'inconclusive: {"ends": "end", "inside": "", "line": 0, "seconds": 0.1, "signs": ["read"]}'
    assert READS == observation(build.run(error=["x"], problem=problem))
