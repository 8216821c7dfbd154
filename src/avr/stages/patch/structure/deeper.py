"""Edits asked in a block of their unit that stands at another depth in the pin, and what must hold for an answer.

The pin's block is put in the place of upstream's, as whole units are; R1 to R3 and the merge by alignment answer there.
Their doubts look at the block alone, so what leads to it is looked at here: names that upstream binds in front of it,
and statements that leave it, which mean another thing where a loop or a `try` is on one side only.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from avr.stages.patch.change import Placement, Refusal, Verdict
from avr.stages.patch.languages.interface import Source, Statement
from avr.stages.patch.structure.blocks import Block, blocks, leading
from avr.stages.patch.structure.counterpart import Counterpart
from avr.stages.patch.structure.depths import LOOPS, TRIES, Depths, Turned
from avr.stages.patch.structure.names import bound, mentioned, provided, used
from avr.stages.patch.structure.units import Unit, head
from avr.stages.patch.structure.view import Frame, Pair, View, between, plain_view

_SHARE = 0.55
"""What is left of a score where the block stands at another depth."""
_JUMPS = frozenset({"return", "break", "continue", "yield"})
"""What means another thing where a loop is on one side only."""
_ERRORS = frozenset({"raise", "throw"})
"""What means another thing where a `try` is on one side only."""
_TIED = frozenset({"await", "yield"})
"""What only some functions may say."""


def deeper(frame: Frame, found: Counterpart, wanted: Collection[int]) -> Iterator[tuple[View, dict[int, Verdict]]]:
    """What the blocks around some edits say about them, inner ones first; `found` is the counterpart of their unit."""
    base, unit = frame.before.source, frame.pair.before
    depths = Depths(base, unit, found.file.source, found.unit)
    stopped: set[int] = set()
    twins = {each.first: each for each in blocks(frame.after.source, frame.pair.after)}
    around = [each for each in depths.blocks if _holds(frame, each, wanted)]
    for block in sorted(around, key=lambda each: (each.last - each.first, each.first)):
        pair = _pair(frame, block, twins)
        asked = sorted(pair.edits.intersection(wanted) - stopped) if pair else []
        there = depths.find(block) if asked else None
        if isinstance(there, Turned):
            stopped.update(asked)
        if not pair or not isinstance(there, Block):
            continue
        inside = replace(found, unit=_unit(found.unit, there))
        view = plain_view(replace(frame, pair=pair).narrowed(frame.pair), inside)
        if view:
            way = _Way(frame, found, depths.one_sided(block, there))
            verdicts = view.verdicts(asked).items()
            yield replace(view, share=_SHARE), {at: way.judged(at, verdict, view) for at, verdict in verdicts}


@dataclass(slots=True)
class _Way:
    """What leads to a block on both sides."""

    frame: Frame
    found: Counterpart
    one_sided: tuple[Sequence[int], Sequence[int]]

    def judged(self, index: int, verdict: Verdict, view: View) -> Verdict:
        """The verdict, or a doubt about it."""
        back = view.moved.back(verdict) if isinstance(verdict, Placement) else None
        if not isinstance(back, Placement):
            return verdict
        old, new = self._changed(index)
        return self._unbound(old, new, self._first(back)) or self._jumps(old, new) or verdict

    def _first(self, placed: Placement) -> int:
        """The first line of the pin that becomes another one."""
        each = placed.replacements[0]
        lines = self.found.file.text.lines[each.start : each.end]
        return each.start + sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(lines, each.lines, strict=False))
        )

    def _changed(self, index: int) -> tuple[list[Statement], list[Statement]]:
        edit = self.frame.upstream.edits[index]
        old, new = self.frame.before.source.statements, self.frame.after.source.statements
        return [each for each in old if each.first < edit.a1 and edit.a0 < each.last], [
            each for each in new if each.first < edit.b1 and edit.b0 < each.last
        ]

    def _unbound(self, old: Sequence[Statement], new: Sequence[Statement], line: int) -> Refusal | None:
        own, _ = _named(self.frame.before.source, self.frame.pair.before)
        theirs = self.found.unit
        inside = self.found.file.source.statements[theirs.first : theirs.last]
        above = bound([each for each in inside if each.first < line])
        ready = above | mentioned(self.found.file.source.statements[head(self.found.file.source, theirs)])
        missing = ((used(new) - used(old) - provided(new)) & own) - ready
        return Refusal(reason=f"the pin does not bind {min(missing)!r} here") if missing else None

    def _jumps(self, old: Sequence[Statement], new: Sequence[Statement]) -> Refusal | None:
        come = (_words(new) - _words(old)).keys()
        sources = self.frame.before.source, self.found.file.source
        sides = zip(sources, self.one_sided, strict=True)
        kinds = {leading(source.statements[at]) for source, heads in sides for at in heads}
        _, said = _named(self.found.file.source, self.found.unit)
        risky = (_JUMPS if kinds & LOOPS else frozenset()) | (_ERRORS if kinds & TRIES else frozenset())
        if come & (risky | (_TIED - said)):
            return Refusal(reason="the fix leaves a block that runs otherwise in the pin")
        return None


def _named(source: Source, unit: Unit) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a unit binds, and all of its words."""
    inside = source.statements[unit.first : unit.last]
    names = bound(inside) | mentioned(source.statements[head(source, unit)])
    return names, frozenset(word for each in inside for word in each.words)


def _words(statements: Sequence[Statement]) -> Counter[str]:
    return Counter(word for each in statements for word in each.words)


def _holds(frame: Frame, block: Block, wanted: Collection[int]) -> bool:
    """Whether one of the edits is inside of a block."""
    first, last = _unit(frame.pair.before, block).lines(frame.before.source)
    return any(first <= frame.upstream.edits[at].a0 and frame.upstream.edits[at].a1 <= last for at in wanted)


def _pair(frame: Frame, block: Block, twins: Mapping[int, Block]) -> Pair | None:
    """A block before and after the fix; None where the fix changes the statement that it is under."""
    before, after = frame.before.source, frame.after.source
    top = before.statements[block.first - 1]
    edits = frame.upstream.edits
    if any(each.a0 < top.last and top.first < each.a1 for each in edits):
        return None
    line = top.first + sum(each.b1 - each.b0 - each.a1 + each.a0 for each in edits if each.a1 <= top.first)
    twin = next((each for first, each in twins.items() if after.statements[first - 1].first == line), None)
    if twin is None:
        return None
    old, new = _unit(frame.pair.before, block), _unit(frame.pair.after, twin)
    return Pair(before=old, after=new, edits=between(frame.upstream, frame.before, frame.after, old, new))


def _unit(outer: Unit, block: Block) -> Unit:
    return Unit(outer.name, block.first, block.last, "block")
