"""The merge of one unit where lines and tokens meet: what the fix replaces has drifted, or its anchors have.

Three-way merges refuse a change that touches drift, because text alone does not tell what belongs together. Inside a
unit whose counterpart is sure, the alignment of statements does. A replaced statement goes where its counterpart
stands; an insertion goes between the counterparts of its neighbours. Control flow must be the same (the same statement
around it), and every name that is used must be bound by then.
"""

from collections.abc import Sequence

from avr.model.backport import Rung
from avr.stages.patch.change import Placement, Present, Refusal, Verdict
from avr.stages.patch.structure.alignment import Range, align, pairs
from avr.stages.patch.structure.names import bound, leaves, mentioned, provided, said, used
from avr.stages.patch.structure.sides import Sides, above, parent
from avr.stages.patch.structure.writing import Writer
from avr.stages.patch.text import Replacement
from avr.tools.diff import Edit, edits

_SCORE = 0.65
_IN_LITERALS = 0.5
"""The score of what was merged inside of string literals, which may only be proposed."""
_TELLING = 4
"""Tokens that a statement must have for its being there to say anything."""


def place_drifted(sides: Sides, wanted: Sequence[int]) -> dict[int, Verdict]:
    """A verdict for each of the wanted edits (by index)."""
    return _Merge(sides).verdicts(wanted)


class _Merge:
    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._base, self._theirs, self._ours = sides.sources
        (self._first, self._last), (start, end), (_, self._end) = sides.ranges
        self._aligned = align(
            self._base, self._ours, sides.ranges[0], sides.ranges[2], (sides.heads[0], sides.heads[2])
        )
        self._writer = Writer(sides, self._aligned)
        found = edits(self._base.keys[self._first : self._last], self._theirs.keys[start:end])
        self._changes = [Edit(e.a0 + self._first, e.a1 + self._first, e.b0 + start, e.b1 + start) for e in found]

    @property
    def _map(self) -> dict[int, int]:
        return self._aligned.to_ours

    def verdicts(self, wanted: Sequence[int]) -> dict[int, Verdict]:
        found: dict[int, Verdict] = {}
        for members, changes in self._groups():
            asked = [each for each in members if each in set(wanted)]
            if asked:
                half = Refusal(reason="a part of the change is placed already")
                verdict = self._judged(changes) if len(asked) == len(members) else half
                found |= dict.fromkeys(asked, verdict)
        return found

    def _groups(self) -> list[tuple[list[int], list[Edit]]]:
        groups: list[tuple[set[int], list[Edit]]] = []
        for change in self._changes:
            lines = {i for i, edit in enumerate(self._sides.upstream.edits) if self._linked(edit, change)}
            joined = [each for each in groups if each[0] & lines]
            for each in joined:
                groups.remove(each)
            groups.append((lines.union(*(each[0] for each in joined)), [*(c for e in joined for c in e[1]), change]))
        return [(sorted(lines), changes) for lines, changes in groups]

    def _linked(self, edit: Edit, change: Edit) -> bool:
        gone = self._base.statements[change.a0 : change.a1]
        come = self._theirs.statements[change.b0 : change.b1]
        return any(each.first < edit.a1 and edit.a0 < each.last for each in gone) or any(
            each.first < edit.b1 and edit.b0 < each.last for each in come
        )

    def _judged(self, changes: Sequence[Edit]) -> Verdict:
        """One verdict for changes that stand and fall together."""
        replacements: list[Replacement] = []
        present = 0
        self._writer.inside_literals = False
        for change in changes:
            made = self._made(change, self._said(changes))
            if isinstance(made, Refusal):
                return made
            if isinstance(made, int):
                present = made
            else:
                replacements += made
                present = self._map.get(change.a0, present)
        if not replacements:
            return Present(rung=Rung.STRUCTURE, line=self._ours.statements[present].first)
        written = tuple(sorted(replacements, key=lambda each: (each.start, each.end)))
        rung, score = (Rung.ADAPT, _IN_LITERALS) if self._writer.inside_literals else (Rung.STRUCTURE, _SCORE)
        return Placement(rung=rung, replacements=written, verbatim=False, score=score)

    def _said(self, changes: Sequence[Edit]) -> frozenset[str]:
        new = (each for change in changes for each in self._theirs.statements[change.b0 : change.b1])
        return frozenset().union(*(said(each) for each in new))

    def _made(self, change: Edit, known: frozenset[str]) -> list[Replacement] | int | Refusal:
        """What becomes of one change; the index of a statement of ours where nothing is left to do."""
        done = self._done(change)
        if done is not None:
            return done
        place = self._inserted_at(change) if change.a0 == change.a1 else self._replaced_at(change)
        if not isinstance(place, tuple):
            return place
        doubt = self._other_flow(change, place) or self._unbound(change, place)
        if doubt:
            return doubt
        return self._writer.written(change, place, known, self._paired(change))

    def _done(self, change: Edit) -> int | Refusal | None:
        """Where the added statements stand already; a refusal where some of them do; None where none does."""
        base = set(self._base.keys[self._first : self._last])
        ours = set(self._ours.keys[self._sides.ranges[2][0] : self._end])
        paired, theirs = self._paired(change), self._theirs
        new = [index for index in range(change.b0, change.b1) if index not in paired and theirs.keys[index] not in base]
        there = [i for i in new if theirs.keys[i] in ours and len(theirs.statements[i].words) >= _TELLING]
        if not there:
            return None
        spots = [(self._map.get(here), here, there) for there, here in paired.items()]
        woven = all(at is not None and self._writer.reversible(here, there, at) for at, here, there in spots)
        if woven and all(theirs.keys[index] in ours for index in new):
            return self._ours.keys.index(theirs.keys[there[0]])
        return Refusal(reason="the added statements may be there already")

    def _replaced_at(self, change: Edit) -> Range | Refusal:
        images = [self._map.get(index) for index in range(change.a0, change.a1)]
        there = [each for each in images if each is not None]
        if len(there) < len(images):
            return Refusal(reason="the pin lacks statements that the fix replaces")
        if there != list(range(there[0], there[0] + len(there))):
            return Refusal(reason="the pin has more statements among those that the fix replaces")
        if not self._anchored(change, there):
            return Refusal(reason="nothing around the replaced statements tells which ones they are")
        return there[0], there[-1] + 1

    def _anchored(self, change: Edit, images: Sequence[int]) -> bool:
        """Whether a replaced statement is the only one of its kind, or a neighbour is where it should be."""
        base, ours = self._base.keys[self._first : self._last], self._ours.keys
        mine = ours[self._sides.ranges[2][0] : self._end]
        keys = [self._base.keys[index] for index in range(change.a0, change.a1)]
        if any(base.count(key) == mine.count(key) == 1 for key in keys):
            return True
        left, right = self._neighbour(change.a0 - 1, -1), self._neighbour(change.a1, 1)
        return self._image(left) == images[0] - 1 or self._image(right) == images[-1] + 1

    def _inserted_at(self, change: Edit) -> Range | int | Refusal:
        left, right = self._neighbour(change.a0 - 1, -1), self._neighbour(change.a1, 1)
        after, before = self._image(left) + 1, self._image(right)
        if left != change.a0 - 1 and right != change.a1:
            return Refusal(reason="the pin has neither of the statements around the insertion")
        come = self._theirs.keys[change.b0 : change.b1]
        extra = self._ours.statements[after:before]
        if come == self._ours.keys[after : after + len(come)] or come == self._ours.keys[before - len(come) : before]:
            return after
        if not extra:
            return after, after
        new = self._theirs.statements[change.b0 : change.b1]
        if left != change.a0 - 1 or left not in self._aligned.exact or leaves(extra):
            return Refusal(reason="the pin has other statements where the fix inserts some")
        if bound(extra) & used(new) or bound(new) & used(extra):
            return Refusal(reason="the pin's statements at the insertion share names with it")
        return after, after

    def _neighbour(self, index: int, step: int) -> int:
        while self._first <= index < self._last and index not in self._map:
            index += step
        return index

    def _image(self, index: int) -> int:
        if index < self._first:
            return self._sides.ranges[2][0] - 1
        return self._end if index >= self._last else self._map[index]

    def _other_flow(self, change: Edit, place: Range) -> Refusal | None:
        """A refusal where the statements around the place are not the ones that upstream has around it."""
        doubt = Refusal(reason="the place has other control flow than upstream's")
        theirs, ours = self._theirs.statements, self._ours.statements
        for index in range(change.b0, change.b1):
            outer = parent(theirs, index)
            if outer >= change.b0:
                continue
            here, inside = above(ours, place[0], theirs[index].level), outer >= self._sides.ranges[1][0]
            home = self._home(outer) if inside else None
            same = home is not None and self._map.get(home) == here
            if not (same if inside else here < self._sides.ranges[2][0]):
                return doubt
        if change.b0 == change.b1:
            outer = parent(self._base.statements, change.a0)
            return None if self._map.get(outer) == parent(ours, place[0]) else doubt
        following = change.b1
        adopts = following < self._sides.ranges[1][1] and parent(theirs, following) >= change.b0
        return doubt if adopts and self._map.get(change.a1) != place[1] else None

    def _home(self, index: int) -> int | None:
        """The statement of base that a kept statement of theirs is."""
        offset = self._first - self._sides.ranges[1][0]
        for each in self._changes:
            if each.b0 <= index < each.b1:
                return self._paired(each).get(index)
            if each.b1 <= index:
                offset = each.a1 - each.b1
        return index + offset

    def _paired(self, change: Edit) -> dict[int, int]:
        """Statements of theirs that are statements of base changed by the fix."""
        here, there = (change.a0, change.a1), (change.b0, change.b1)
        return {there: here for here, there in pairs(self._base, self._theirs, here, there).items()}

    def _unbound(self, change: Edit, place: Range) -> Refusal | None:
        """A refusal where the fix brings in a name of the unit that ours has not bound by then."""
        base = self._base.statements[self._first : self._last]
        before = self._ours.statements[self._sides.ranges[2][0] : place[0]]
        named, named_here = (
            mentioned(self._sides.sources[side].statements[self._sides.heads[side]]) for side in (0, 2)
        )
        new = self._theirs.statements[change.b0 : change.b1]
        ready = bound(before) | named_here | provided(new)
        missing = (self._brought(change) & (bound(base) | named)) - ready
        if missing:
            return Refusal(reason=f"the pin does not bind {min(missing)!r} here")
        return None

    def _brought(self, change: Edit) -> frozenset[str]:
        """The names that the added statements use and the ones that they were made of do not."""
        pairs_ = self._paired(change)
        found: frozenset[str] = frozenset()
        for index in range(change.b0, change.b1):
            old = [self._base.statements[pairs_[index]]] if index in pairs_ else []
            found |= used([self._theirs.statements[index]]) - used(old)
        return found
