"""Rung R1: every context line and every removed line matches; only the line number may differ.

This is what `patch --fuzz=0` does, with two guards. A place in another definition than upstream's does not count while
the pin has upstream's definition too, and of several equal places one is taken only where both sides have the same
number of them in the same definition: then the n-th stays the n-th.
"""

from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from avr.model.backport import Rung
from avr.stages.patch.change import Placement, Present, Refusal, Upstream, Verdict
from avr.stages.patch.languages import scopes
from avr.stages.patch.languages.interface import Scope
from avr.stages.patch.text import Replacement, Text
from avr.tools.diff import Edit

CONTEXT = 3
"""Lines of context around an edit, as in a unified diff."""


@dataclass(frozen=True, slots=True)
class Scoped:
    """A sequence (lines or statements) with the scope of each element."""

    items: Sequence[Hashable]
    scopes: Sequence[Scope]


def place_exact(upstream: Upstream, pin: Text) -> list[Verdict]:
    """Place each edit where its whole window stands in the pin."""
    sides = [
        Scoped(text.lines, scopes(upstream.language, text.lines)) for text in (upstream.before, upstream.after, pin)
    ]
    return [_placed(upstream, edit, locate(sides[0], sides[1], sides[2], edit)) for edit in upstream.edits]


def locate(before: Scoped, after: Scoped, pin: Scoped, edit: Edit) -> Edit | int | Refusal:
    """Where the edit belongs, or the index where the pin has the added elements already, or why neither can be told.

    A place is an `Edit` too: its `a` side is the pin's range, its `b` side upstream's.
    """
    old = window(before, edit.a0, edit.a1, pin)
    new = window(after, edit.b0, edit.b1, pin)
    if isinstance(new, int) and edit.a0 == edit.a1:
        return new
    if isinstance(old, int) and isinstance(new, int) and edit.b0 < edit.b1:
        return Refusal(reason="the pin holds the lines both before and after the fix", final=True)
    if isinstance(old, int) and _made(before, after, pin, edit, old):
        return old - (edit.b1 - edit.b0)
    if isinstance(old, int):
        return Edit(old, old + edit.a1 - edit.a0, edit.b0, edit.b1)
    if isinstance(new, int) and edit.b0 < edit.b1:
        return new
    return old


def _made(before: Scoped, after: Scoped, pin: Scoped, edit: Edit, place: int) -> bool:
    """Whether some lines that are only added stand right in front of the place already, and not so upstream."""
    size = edit.b1 - edit.b0
    if edit.a0 < edit.a1 or not CONTEXT <= size <= place:
        return False
    added = list(after.items[edit.b0 : edit.b1])
    here, there = pin.items[place - size : place], before.items[max(edit.a0 - size, 0) : edit.a0]
    return list(here) == added != list(there)


def window(side: Scoped, start: int, end: int, pin: Scoped) -> int | Refusal:
    """Where `side[start:end]` with its context stands in the pin: the index of its first element."""
    first, last = max(start - CONTEXT, 0), min(end + CONTEXT, len(side.items))
    wanted = side.items[first:last]
    found = places(wanted, pin.items)
    if start < CONTEXT:
        found = [place for place in found if place == 0]
    if end + CONTEXT > len(side.items):
        found = [place for place in found if place + len(wanted) == len(pin.items)]
    if not found or not wanted:
        return Refusal(reason="context or removed lines differ")
    chosen = _chosen(side, first, start, found, pin, places(wanted, side.items))
    return chosen + start - first if isinstance(chosen, int) else chosen


def _chosen(side: Scoped, first: int, start: int, found: list[int], pin: Scoped, copies: list[int]) -> int | Refusal:
    probe = min(start, len(side.items) - 1) - first
    scope = side.scopes[first + probe]
    here = [place for place in found if pin.scopes[place + probe] == scope]
    twins = [copy for copy in copies if side.scopes[copy + probe] == scope]
    if here:
        if len(here) == len(twins):
            return here[twins.index(first)]
        return Refusal(reason=f"{len(here)} equal places in the pin, {len(twins)} upstream", final=True)
    if scope in set(pin.scopes):
        return Refusal(reason=f"the lines stand in another definition than {'.'.join(scope) or 'the top level'!r}")
    if len(found) == len(copies) == 1:
        return found[0]
    return Refusal(reason=f"{len(found)} equal places in other definitions", final=True)


def places(wanted: Sequence[Hashable], items: Sequence[Hashable]) -> list[int]:
    """Where all that is wanted stands in a row."""
    if not wanted:
        return []
    size, head, end = len(wanted), wanted[0], len(items) - len(wanted) + 1
    found: list[int] = []
    at = -1
    with suppress(ValueError):  # none is left
        while at + 1 < end:
            at = items.index(head, at + 1, end)
            if items[at : at + size] == wanted:
                found.append(at)
    return found


def _placed(upstream: Upstream, edit: Edit, found: Edit | int | Refusal) -> Verdict:
    if isinstance(found, Refusal):
        return found
    if isinstance(found, int):
        return Present(rung=Rung.EXACT, line=found)
    replacement = Replacement(start=found.a0, end=found.a1, lines=upstream.added(edit))
    return Placement(rung=Rung.EXACT, replacements=(replacement,), verbatim=True, score=1.0)
