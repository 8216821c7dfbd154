"""How often each rung was right where the maintainers' own tests or files could tell, and what a rung may therefore do.

A hunk counts as right where the whole case was resolved by the maintainers' tests or came out as they wrote it, and as
wrong where the case was complete and failed. Figures are copied from benchmarks/RESULTS.md, never computed here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from avr.model.backport import Hunk, HunkStatus, Rung
from avr.model.fix import ChangeKind

BAR = 0.98
"""The precision that a rung needs in order to decide alone."""
ENOUGH = 20
"""Judged hunks below which a precision says too little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Placed code hunks of judged cases: how many were right, and how many wrong."""

    right: int
    wrong: int

    @property
    def precision(self) -> float:
        """The share of right ones; 0.0 where nothing was judged."""
        judged = self.right + self.wrong
        return self.right / judged if judged else 0.0


MEASURED: Mapping[Rung, Measured] = MappingProxyType(
    {
        Rung.EXACT: Measured(right=231, wrong=0),
        Rung.MERGE: Measured(right=28, wrong=0),
        Rung.TOKEN: Measured(right=27, wrong=0),
        Rung.STRUCTURE: Measured(right=10, wrong=0),
        Rung.ADAPT: Measured(right=10, wrong=0),
    }
)


def decides_alone(rung: Rung) -> bool:
    """Whether what the rung places needs no second look: above the bar, on enough hunks to say so."""
    measured = MEASURED[rung]
    return measured.precision >= BAR and measured.right + measured.wrong >= ENOUGH


def proposals(hunks: Iterable[Hunk]) -> tuple[Hunk, ...]:
    """The code hunks that were placed, or left out, by a rung that may only propose."""
    settled = {HunkStatus.PLACED, HunkStatus.UNNEEDED}
    return tuple(
        hunk
        for hunk in hunks
        if hunk.kind is ChangeKind.CODE
        and hunk.status in settled
        and hunk.rung is not None
        and (hunk.status is HunkStatus.UNNEEDED or not decides_alone(hunk.rung))
    )
