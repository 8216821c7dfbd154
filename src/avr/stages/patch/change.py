"""What the rungs are asked and what they answer: the change of one file, and the verdict on each of its edits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from avr.model.backport import Rung
from avr.stages.patch.languages import language_of
from avr.stages.patch.languages.interface import Language
from avr.stages.patch.text import Replacement, Text
from avr.tools.diff import Edit, edits


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """One file's change upstream and its edits, each one contiguous run of removed and added lines."""

    before: Text
    after: Text
    edits: tuple[Edit, ...]
    path: str

    @classmethod
    def of(cls, before: bytes, after: bytes, path: str) -> "Upstream":
        """The change between two contents of the file at `path`."""
        old, new = Text.of(before), Text.of(after)
        return cls(before=old, after=new, edits=edits(old.lines, new.lines), path=path)

    @property
    def language(self) -> Language | None:
        """The language of the file; None where it is lines and nothing more."""
        return language_of(self.path)

    def removed(self, edit: Edit) -> tuple[str, ...]:
        """The lines that an edit takes away."""
        return self.before.lines[edit.a0 : edit.a1]

    def added(self, edit: Edit) -> tuple[str, ...]:
        """The lines that an edit brings."""
        return self.after.lines[edit.b0 : edit.b1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where and what an edit becomes in the pin.

    Edits that can only be placed together share one placement. `verbatim` tells that the pin loses and gains exactly
    upstream's lines; `score` is the share of what was looked for that was found as it is, 0 to 1. `floating` lines
    (whole definitions, imports) may stand side by side with others that go to the same place.
    """

    rung: Rung
    replacements: tuple[Replacement, ...]
    verbatim: bool
    score: float
    floating: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The pin holds the change already, at `line` (from 0)."""

    rung: Rung
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unneeded:
    """What the edit changes does not exist in the pin; `reason` tells how that was shown."""

    rung: Rung
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A rung abstains. `final` keeps the rungs below from trying: the doubt is about the place itself."""

    reason: str
    final: bool = False


Verdict: TypeAlias = Placement | Present | Unneeded | Refusal


class RungTechnique(Protocol):
    """One rung of the ladder, a pure function: a verdict for every edit of `upstream`, in order."""

    def __call__(self, upstream: Upstream, pin: Text) -> Sequence[Verdict]:
        """Try to place each edit on the pin's text."""
        ...
