"""Edits asked once more with an expression of the pin's own in them, and what must hold for an answer."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from avr.stages.patch.change import Placement, Present, Refusal, Verdict
from avr.stages.patch.structure.counterpart import Counterpart
from avr.stages.patch.structure.holes import Filled, filled, hole
from avr.stages.patch.structure.view import Frame, View, plain_view, reworded

_SHARE = 0.55
"""What is left of a score where the pin's expression was put into the fix."""


def filling(frame: Frame, found: Counterpart, wanted: Collection[int]) -> Iterator[tuple[View, dict[int, Verdict]]]:
    """What is said about edits that guard an expression; `found` is the counterpart of their unit."""
    for index in wanted:
        wrapped = hole(frame.upstream, frame.before.source, frame.after.source, index)
        view = plain_view(frame, found) if wrapped else None
        sides = view.sides() if view else None
        done = filled(sides, wrapped) if sides and wrapped else None
        again = reworded(frame, found, done.upstream) if done else None
        if done and again:
            verdict = _judged(again.verdicts([index])[index], done)
            yield replace(again, share=_SHARE), {index: verdict}


def _judged(verdict: Verdict, done: Filled) -> Verdict:
    """The verdict, where it is about the statement that the expression came from."""
    there = isinstance(verdict, Present) and done.present
    if isinstance(verdict, Placement) and not done.present:
        first, last = verdict.replacements[0].start, verdict.replacements[-1].end
        there = first <= done.lines[0] and done.lines[1] <= last
    return verdict if there else Refusal(reason="the pin's expression may be another one")
