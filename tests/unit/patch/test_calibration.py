"""What a rung may do by itself follows from what was measured of it."""

import pytest

from avr.model.backport import HunkStatus, Rung
from avr.model.fix import ChangeKind
from avr.stages.patch.calibration import BAR, ENOUGH, MEASURED, Measured, decides_alone, proposals
from avr.testing import build


def test_every_rung_is_measured() -> None:
    """A new rung cannot be forgotten."""
    assert set(Rung) == set(MEASURED)


@pytest.mark.parametrize("rung", list(Rung))
def test_only_enough_and_precise_rungs_decide_alone(rung: Rung) -> None:
    """The bar is on precision, and on how much was judged."""
    measured = MEASURED[rung]
    assert decides_alone(rung) == (measured.precision >= BAR and measured.right + measured.wrong >= ENOUGH)


def test_nothing_judged_is_no_precision() -> None:
    """No sample proves nothing."""
    assert 0.0 == Measured(right=0, wrong=0).precision


def test_proposals_are_the_code_hunks_of_rungs_below_the_bar() -> None:
    """What is present or open is no proposal; what was left out always is."""
    exact = build.hunk()
    left_out = build.hunk(status=HunkStatus.UNNEEDED)
    open_, test = build.hunk(status=HunkStatus.UNPLACED), build.hunk(kind=ChangeKind.TEST)

    assert (left_out,) == proposals([exact, left_out, open_, test])
