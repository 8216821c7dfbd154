"""What the rungs beyond the file are asked and what they answer: open edits, and a tree to find their places in.

R1 to R3 see one file of the pin and nothing else. The rungs after them may look anywhere in the tree, or at the fix in
another light, and then ask R1 to R3 again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from avr.model.backport import Rung
from avr.model.fix import ChangeKind
from avr.model.source import SourceTree
from avr.stages.patch.change import Placement, Present, Unneeded, Upstream


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The edits of one file that no rung has placed so far.

    `open` are indices of `upstream.edits`. `tree` is the pin with everything that was placed already; `path` is the
    file's counterpart in it, None where none was found. `around` holds the fix's files before and after it, for rungs
    that follow what an edit leans on.
    """

    upstream: Upstream
    open: tuple[int, ...]
    tree: SourceTree
    path: str | None
    kind: ChangeKind
    around: "Around"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Upstream's files before and after the fix, as far as they are known: at least those that the fix changes.

    `upstream` is its whole tree before the fix, where somebody has it; `minimum` the oldest runtime that the pin
    supports, such as (3, 6).
    """

    before: SourceTree
    after: SourceTree
    upstream: SourceTree | None = None
    minimum: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Edits (by index) with their verdict in the file at `path`; replacements count the lines of `Question.tree`."""

    edits: tuple[int, ...]
    path: str
    verdict: Placement | Present | Unneeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a rung found, and why it left the other open edits (by index) alone."""

    solutions: tuple[Solution, ...] = ()
    reasons: tuple[tuple[int, str], ...] = ()


class TreeTechnique(Protocol):
    """A rung that looks beyond the file, a pure function over values; any doubt is an edit left open."""

    def __call__(self, question: Question) -> Reply:
        """Try to place the open edits."""
        ...


TreeLadder = Sequence[tuple[Rung, TreeTechnique]]
