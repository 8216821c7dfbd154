"""Upstream fixes carried onto a pinned tree."""

from dataclasses import dataclass
from enum import StrEnum

from avr.model.fix import ChangeKind, Fix
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree


class Origin(StrEnum):
    """Who wrote the lines of a hunk as they stand in the pin."""

    VERBATIM_UPSTREAM = "verbatim-upstream"
    CONTEXT_ADAPTED = "context-adapted"
    MODEL_WRITTEN = "model-written"


class Rung(StrEnum):
    """The technique that placed a hunk, strictest first; see docs/explanation/backporting.md."""

    EXACT = "R1"
    MERGE = "R2"
    TOKEN = "R3"  # noqa: S105 - a rung of the ladder, not a credential
    STRUCTURE = "R4"
    ADAPT = "R5"


class HunkStatus(StrEnum):
    """What became of one hunk of the fix."""

    PLACED = "placed"
    PRESENT = "present"
    """The pin, or an earlier fix of the same plan, already holds the change."""
    UNNEEDED = "unneeded"
    """The code that the change guards is shown to be absent from the pin; `Hunk.tried` says how."""
    UNPLACED = "unplaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One contiguous change of a fix and what became of it in the pin.

    Lines are without their line ends. `start` is the first changed line (from 1) in the file before the fix, `line`
    the place in the patched pin. `tried` tells, rung by rung, why an unplaced hunk was refused.
    """

    path: str
    kind: ChangeKind
    start: int
    removed: tuple[str, ...]
    added: tuple[str, ...]
    status: HunkStatus
    rung: Rung | None = None
    origin: Origin | None = None
    target: str | None = None
    line: int | None = None
    score: float = 0.0
    tried: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Unplaced, or left out for a definition that the pin seems not to have.

        The latter stays open because code that upstream moved into a new function stands elsewhere in the pin: only a
        reader can tell that from code that the pin never had. An import that nothing uses is another matter.
        """
        if self.status is HunkStatus.UNNEEDED:
            return self.rung is not Rung.ADAPT
        return self.status is HunkStatus.UNPLACED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """Another place of the patched pin that looks like what a hunk of the fix changed: something to look at.

    `line` counts from 1, `lines` are without their line ends; `why` tells what is alike.
    """

    path: str
    line: int
    lines: tuple[str, ...]
    like_hunk: str
    """The hunk it resembles, as `path:start`."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortedFix:
    """One fix on the pin: its hunks and whether every security-relevant one found its place.

    `siblings` are other places with the pattern that the fix changed, best first, where somebody looked for them.
    """

    advisory: AdvisoryId
    fix: Fix
    hunks: tuple[Hunk, ...]
    siblings: tuple[Sibling, ...] = ()

    @property
    def complete(self) -> bool:
        """No code hunk is open, and there is at least one."""
        code = [hunk for hunk in self.hunks if hunk.kind is ChangeKind.CODE]
        return bool(code) and not any(hunk.is_open for hunk in code)

    @property
    def changes_code(self) -> bool:
        """At least one code hunk was placed by us."""
        return any(hunk.kind is ChangeKind.CODE and hunk.status is HunkStatus.PLACED for hunk in self.hunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backport:
    """The fixes of one plan stacked on the pinned tree.

    `patched` differs from `pinned` in code files only; `security_tests` maps test paths to their ported contents and
    is kept apart, so that the tests never become part of what is delivered as code.
    """

    pinned: SourceTree
    patched: SourceTree
    ported: tuple[PortedFix, ...]
    security_tests: dict[str, bytes]

    @property
    def changed_paths(self) -> tuple[str, ...]:
        """Code files that differ between the pinned and the patched tree, sorted."""
        return self.pinned.differing(self.patched)

    @property
    def siblings(self) -> tuple[Sibling, ...]:
        """Other places of the pin that look like what a fix changed, best first within each fix."""
        return tuple(sibling for ported in self.ported for sibling in ported.siblings)
