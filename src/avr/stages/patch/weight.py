"""What an edit weighs: edits of versions are dropped, edits of comments and docstrings may fail without harm."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from avr.model.fix import ChangeKind
from avr.stages.patch.change import Upstream
from avr.stages.patch.languages import read
from avr.stages.patch.languages.interface import Source, Statement
from avr.tools.diff import Edit, edits

_VERSION = re.compile(
    r"""(?:__version__|__version_info__|VERSION|version|version_info)\ *=\ *
    (?:(?P<quote>["'])\d+\.\d[\w.+-]*(?P=quote)|\([\d,\ ]*\d[\w,\ '"]*\))\ *
    |(?:__releasedate__|__date__|__build__)\ *=\ *["']?(?:0x)?[\d./-]+["']?\ *
    |(?P<lone>["'])\d+\.\d[\w.+-]*(?P=lone)\ *""",
    re.VERBOSE,
)
"""A top-level line that assigns a literal version: digits and dots in quotes, a tuple that begins with numbers,
the date or build number of a release, or a lone string that is a version."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Which edits of a file are version bumps, and which change nothing that runs (both by index)."""

    versions: frozenset[int]
    inert: frozenset[int]


def weights(upstream: Upstream, kind: ChangeKind = ChangeKind.CODE) -> Weights:
    """Weigh every edit of a file; of tests nobody asks which edits are inert."""
    versions = frozenset(i for i, edit in enumerate(upstream.edits) if _bumps(upstream, edit))
    inert = frozenset(_inert(upstream)) if kind is ChangeKind.CODE else frozenset()
    return Weights(versions, inert - versions)


def _bumps(upstream: Upstream, edit: Edit) -> bool:
    """Only a line that assigns a version becomes another such line of the same name."""
    gone, come = upstream.removed(edit), upstream.added(edit)
    names = [[line.rpartition("=")[0].strip() for line in side] for side in (gone, come)]
    return bool(gone) and names[0] == names[1] and all(_VERSION.fullmatch(line) for line in (*gone, *come))


def _inert(upstream: Upstream) -> list[int]:
    blank = [i for i, e in enumerate(upstream.edits) if not "".join((*upstream.removed(e), *upstream.added(e))).strip()]
    before, after = (read(upstream.language, text.lines) for text in (upstream.before, upstream.after))
    if before is None or after is None:
        return blank
    changes = edits(before.keys, after.keys)
    alive = [(_spans(before, [(e.a0, e.a1) for e in changes]), _spans(after, [(e.b0, e.b1) for e in changes]))][0]
    return [
        index
        for index, edit in enumerate(upstream.edits)
        if not _meets(alive[0], edit.a0, edit.a1) and not _meets(alive[1], edit.b0, edit.b1)
    ]


def _spans(source: Source, ranges: Sequence[tuple[int, int]]) -> list[Statement]:
    """The changed statements that run: all but docstrings."""
    changed = (each for first, last in ranges for each in source.statements[first:last])
    return [each for each in changed if source.language.runs(each)]


def _meets(statements: Sequence[Statement], first: int, last: int) -> bool:
    return any(each.first < last and first < each.last for each in statements)
