"""Rung R2: three-way merge, base = before the fix, theirs = after it, ours = the pin.

The rules are those of `git merge-file`: a change of ours that touches or overlaps a change of theirs is a conflict, a
change that both made alike is present. On top of them, the definition must be the same and the lines that carry the
place must say something: blank lines and lone brackets match anywhere.
"""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from avr.model.backport import Rung
from avr.stages.patch.change import Placement, Present, Refusal, Upstream, Verdict
from avr.stages.patch.exact import CONTEXT
from avr.stages.patch.languages import scopes
from avr.stages.patch.languages.interface import Scope
from avr.stages.patch.text import Replacement, Text
from avr.tools.diff import Edit, edits


@dataclass(frozen=True, slots=True)
class Clean:
    """Ours left the region alone: it stands at `[start, end)` in ours."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Same:
    """Ours made the same change: it stands at `[start, end)` in ours."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Ours changed what theirs changes; `base` and `ours` are the smallest ranges that hold both changes."""

    base: tuple[int, int]
    ours: tuple[int, int]


def diff3(
    base: Sequence[Hashable],
    theirs: Sequence[Hashable],
    ours: Sequence[Hashable],
    changes: Sequence[Edit],
    drift: Sequence[Edit] | None = None,
) -> list[Clean | Same | Conflict]:
    """How each of the `changes` from base to theirs fares in ours; `drift` is the way from base to ours.

    See Khanna, Kunal and Pierce, "A formal investigation of diff3",
    https://www.cis.upenn.edu/~bcpierce/papers/diff3-short.pdf.
    """
    drift = edits(base, ours) if drift is None else drift
    ends = [each.a1 for each in drift]
    return [_fared(change, theirs, ours, drift, bisect_left(ends, change.a0)) for change in changes]


def _fared(
    change: Edit, theirs: Sequence[Hashable], ours: Sequence[Hashable], drift: Sequence[Edit], first: int
) -> Clean | Same | Conflict:
    last = first
    while last < len(drift) and drift[last].a0 <= change.a1:
        last += 1
    offset = drift[first - 1].b1 - drift[first - 1].a1 if first else 0
    touching = drift[first:last]
    if not touching:
        return Clean(change.a0 + offset, change.a1 + offset)
    for each in touching:
        alike = (each.a0, each.a1) == (change.a0, change.a1)
        if alike and ours[each.b0 : each.b1] == theirs[change.b0 : change.b1]:
            return Same(each.b0, each.b1)
    start, end = min(change.a0, touching[0].a0), max(change.a1, touching[-1].a1)
    after = touching[-1].b1 - touching[-1].a1
    return Conflict((start, end), (start + offset, end + after))


def place_merged(upstream: Upstream, pin: Text) -> list[Verdict]:
    """Place each edit whose region merges clean."""
    before = upstream.before.lines
    fates = diff3(before, upstream.after.lines, pin.lines, upstream.edits)
    around = [scopes(upstream.language, text.lines) for text in (upstream.before, pin)]
    return [
        _judged(upstream, edit, fate, pin, around[0], around[1])
        for edit, fate in zip(upstream.edits, fates, strict=True)
    ]


def _judged(
    upstream: Upstream, edit: Edit, fate: Clean | Same | Conflict, pin: Text, old: list[Scope], new: list[Scope]
) -> Verdict:
    if isinstance(fate, Conflict):
        first, last = fate.ours
        return Refusal(reason=f"the pin differs in lines {first + 1} to {max(last, first + 1)}")
    doubt = misplaced(old, edit.a0, new, fate.start)
    if doubt:
        return doubt
    if isinstance(fate, Same):
        if not upstream.added(edit) and elsewhere(upstream.removed(edit), pin.lines, upstream.after.lines):
            return Refusal(reason="the removed lines stand elsewhere in the pin")
        return Present(rung=Rung.MERGE, line=fate.start)
    if anchors(upstream.before.lines, edit, pin.lines, fate.start) < _ENOUGH:
        return Refusal(reason="too little in common around the place")
    replacement = Replacement(start=fate.start, end=fate.end, lines=upstream.added(edit))
    return Placement(rung=Rung.MERGE, replacements=(replacement,), verbatim=True, score=0.95)


_ENOUGH = 2
"""Meaningful lines that must match among the removed ones and the context."""


def misplaced(old: Sequence[Scope], at: int, new: Sequence[Scope], place: int) -> Refusal | None:
    """A refusal where the place is in another definition although the pin has upstream's."""
    if not old or not new:
        return None
    scope, here = old[min(at, len(old) - 1)], new[min(place, len(new) - 1)]
    above = at > 0 and place > 0 and old[at - 1] == new[place - 1]
    if scope == here or above or scope not in set(new):
        return None
    return Refusal(reason=f"the lines stand in another definition than {'.'.join(scope) or 'the top level'!r}")


def anchors(before: Sequence[str], edit: Edit, pin: Sequence[str], start: int) -> int:
    """How many meaningful lines match: the removed ones, and the context without a gap on either side."""
    found = sum(map(_meaningful, before[edit.a0 : edit.a1]))
    for step in range(1, CONTEXT + 1):
        at, place = edit.a0 - step, start - step
        if at < 0 or place < 0 or before[at] != pin[place]:
            break
        found += _meaningful(before[at])
    for step in range(CONTEXT):
        at, place = edit.a1 + step, start + edit.a1 - edit.a0 + step
        if at >= len(before) or place >= len(pin) or before[at] != pin[place]:
            break
        found += _meaningful(before[at])
    return found


def elsewhere(removed: Sequence[str], pin: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a meaningful line that the fix deletes is still somewhere in the pin and not kept by the fix."""
    gone = {line.strip() for line in removed if _meaningful(line)} - {line.strip() for line in after}
    return bool(gone & {line.strip() for line in pin})


def _meaningful(line: str) -> bool:
    return sum(char.isalnum() for char in line) > 2
