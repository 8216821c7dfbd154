"""What one tool made of one case."""

from dataclasses import dataclass, field
from typing import Literal

Placed = Literal["complete", "partial", "none", "crashed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedHunk:
    """One code hunk as our engine records it: `status` and `rung` as in `avr.model.backport`, `tried` the refusals."""

    path: str
    start: int
    status: str
    rung: str
    target: str
    line: int
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The code files that a tool changed in the base, by path; None where it removes the file.

    `seconds` is wall time and `cpu` processor time of the tool itself; `reading` is what our engine spent waiting for
    git besides. `hunks` is empty for tools that record none; `tests` counts placed and all test hunks of our engine.
    """

    tool: str
    placed: Placed
    changes: dict[str, bytes | None]
    seconds: float
    cpu: float
    reading: float = 0.0
    why: str = ""
    hunks: tuple[PlacedHunk, ...] = ()
    tests: tuple[int, int] = (0, 0)
    asked: frozenset[str] = field(default_factory=frozenset)
    """Ids of the blobs of the repository that were read."""
