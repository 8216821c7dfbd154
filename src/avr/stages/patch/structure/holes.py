"""The fix read with the pin's own expression, where it guards one that the pin writes in other words.

A fix often takes an expression out of a statement, `return EXPR`, to look at its value first: `url = EXPR`, a check of
`url`, `return url`. What the expression says is of no account to the fix. Where the pin has the same statement with an
expression of its own at the same place, that expression is what the fix is about there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from avr.stages.patch.change import Upstream
from avr.stages.patch.languages.interface import Source, Statement, Token
from avr.stages.patch.structure.alignment import align
from avr.stages.patch.structure.blocks import TELLING
from avr.stages.patch.structure.expressions import Cut, comparable, cut, delimited, inner, occurrences, plain
from avr.stages.patch.structure.names import bound, mentioned, provided, used
from avr.stages.patch.structure.sides import Sides, parent
from avr.stages.patch.text import Text
from avr.tools.diff import Edit, edits

_AKIN = 0.5
"""The share of tokens by which two expressions show that they are the same one, drifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The change with the pin's expression in it; `lines` are those of the statement of ours that it came from."""

    upstream: Upstream
    lines: tuple[int, int]
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """One removed statement, `change`, and where its expression stands in the added ones: `at`, from token `start`."""

    change: Edit
    cut: Cut
    at: int
    start: int


def hole(upstream: Upstream, before: Source, after: Source, index: int) -> Hole | None:
    """What an edit takes out of a statement and says again; None where it does anything else."""
    edit = upstream.edits[index]
    gone = [i for i, each in enumerate(before.statements) if each.first < edit.a1 and edit.a0 < each.last]
    come = [i for i, each in enumerate(after.statements) if each.first < edit.b1 and edit.b0 < each.last]
    if len(gone) != 1 or len(come) < 2:
        return None
    found = cut(before.statements[gone[0]])
    places = [(i, start) for i in come for start in occurrences(after.statements[i], found)] if found else []
    if found is None or len(places) != 1 or not delimited(after.statements[places[0][0]], places[0][1], found):
        return None
    change = Edit(gone[0], gone[0] + 1, come[0], come[-1] + 1)
    return Hole(change=change, cut=found, at=places[0][0], start=places[0][1])


def filled(sides: Sides, hole: Hole) -> Filled | None:
    """The change as the pin would write it; None on any doubt about which expression that is."""
    return _Filling(sides, hole).filled()


class _Filling:
    def __init__(self, sides: Sides, hole: Hole) -> None:
        self._sides, self._hole = sides, hole
        self._base, self._theirs, self._ours = (each.statements for each in sides.sources)
        base, _, ours = sides.sources
        self._aligned = align(base, ours, sides.ranges[0], sides.ranges[2], (sides.heads[0], sides.heads[2]))
        self._gone = hole.change.a0

    def filled(self) -> Filled | None:
        there = self._present()
        if there is not None:
            return self._written(*there, present=True)
        place = self._place()
        found = cut(self._ours[place]) if place is not None else None
        if place is None or found is None or self._doubtful(place, found):
            return None
        return self._written(place, found.tokens, present=False)

    def _present(self) -> tuple[int, Sequence[Token]] | None:
        """Where the pin says all that the fix says, but for the expression, and nothing that the fix would change."""
        outer = parent(self._base, self._gone)
        there = self._aligned.to_ours.get(outer)
        if there is None or not self._same_way(outer, there):
            return None
        size, end = self._hole.change.b1 - self._hole.change.b0, self._sides.ranges[2][1]
        inside = list(_children(self._ours, there, end))
        found = [(at, tokens) for at in inside if at + size <= end and (tokens := self._said_at(at))]
        if len(found) != 1:
            return None
        left = (at for at in inside if not found[0][0] <= at < found[0][0] + size)
        return None if any(self._alike(self._ours[at]) for at in left) else found[0]

    def _said_at(self, at: int) -> Sequence[Token] | None:
        tokens: Sequence[Token] | None = None
        for index in range(self._hole.change.b0, self._hole.change.b1):
            mine, ours = self._theirs[index], self._ours[at + index - self._hole.change.b0]
            if mine.level != ours.level:
                return None
            if index == self._hole.at:
                tokens = inner(mine, self._hole.start, len(self._hole.cut.tokens), ours)
            elif plain(mine) != plain(ours):
                return None
        return tokens

    def _place(self) -> int | None:
        """The one statement of ours that begins as the removed one does, under the counterpart of its parent."""
        outer = parent(self._base, self._gone)
        there = self._aligned.to_ours.get(outer)
        if there is None or not self._same_way(outer, there):
            return None
        mine = [at for at in _children(self._base, outer, self._sides.ranges[0][1]) if self._alike(self._base[at])]
        ours = [at for at in _children(self._ours, there, self._sides.ranges[2][1]) if self._alike(self._ours[at])]
        if mine != [self._gone] or len(ours) != 1 or self._ours[ours[0]].level != self._base[self._gone].level:
            return None
        return ours[0] if self._in_order(outer, ours[0]) else None

    def _alike(self, statement: Statement) -> bool:
        found = cut(statement, self._hole.cut.kind)
        return found is not None and found.head == self._hole.cut.head

    def _same_way(self, outer: int, there: int) -> bool:
        """Whether what is around the statement is the same, from the unit inwards."""
        while outer > self._sides.heads[0] and there > self._sides.heads[2]:
            if self._aligned.to_ours.get(outer) != there or self._base[outer].words[0] != self._ours[there].words[0]:
                return False
            outer, there = parent(self._base, outer), parent(self._ours, there)
        return (outer, there) == (self._sides.heads[0], self._sides.heads[2])

    def _in_order(self, outer: int, place: int) -> bool:
        """Whether the statement stands among its siblings as upstream's does, and is nothing else's counterpart."""
        known = self._aligned.to_ours
        if any(to == place and at != self._gone for at, to in known.items()):
            return False
        siblings = [at for at in _children(self._base, outer, self._sides.ranges[0][1]) if at in known]
        return all((at < self._gone) == (known[at] < place) for at in siblings if at != self._gone)

    def _doubtful(self, place: int, found: Cut) -> bool:
        if found.words == self._hole.cut.words or not any(each.kind == "name" for each in found.tokens):
            return True
        doubt = self._lost(found) or self._unbound(place) or self._clashes(place)
        return doubt or not self._shown(place, found)

    def _new(self) -> tuple[list[Token], Sequence[Statement]]:
        """What the fix adds without the expression, and the added statements."""
        new = self._theirs[self._hole.change.b0 : self._hole.change.b1]
        stop = self._hole.start + len(self._hole.cut.tokens)
        hollow = self._theirs[self._hole.at]
        words = [token for each in new for token in each.tokens if each is not hollow]
        return [*words, *hollow.tokens[: self._hole.start], *hollow.tokens[stop:]], new

    def _lost(self, found: Cut) -> bool:
        """Whether what the fix adds speaks of names that the pin's expression or the pin's block does not have."""
        words = {token.norm for token in self._new()[0]}
        drifted = {each.norm for each in self._hole.cut.tokens if each.kind == "name"} - set(found.words)
        siblings = _children(self._base, parent(self._base, self._gone), self._sides.ranges[0][1])
        absent = [self._base[at] for at in siblings if at not in self._aligned.to_ours and at != self._gone]
        return bool(words & (drifted | bound(absent)))

    def _unbound(self, place: int) -> bool:
        """Whether what the fix adds needs a name of upstream's unit that the pin has not bound by then."""
        new = self._new()[1]
        wanted = used(new) & {token.norm for token in self._new()[0]}
        base, ours = self._base[slice(*self._sides.ranges[0])], self._ours[self._sides.ranges[2][0] : place]
        named, named_here = mentioned(self._base[self._sides.heads[0]]), mentioned(self._ours[self._sides.heads[2]])
        return bool((wanted & (bound(base) | named)) - bound(ours) - named_here - provided(new))

    def _clashes(self, place: int) -> bool:
        """Whether a name that the fix binds is one that the pin's unit uses otherwise."""
        mine = bound(self._new()[1]) - bound([self._ours[place]])
        inside = self._ours[slice(*self._sides.ranges[2])]
        return bool(mine & {token.norm for each in inside for token in each.tokens if token.kind == "name"})

    def _shown(self, place: int, found: Cut) -> bool:
        """Whether anything but the place tells that the two expressions are the same one."""
        old, new = self._hole.cut.words, found.words
        kept = len(old) - sum(each.a1 - each.a0 for each in edits(old, new))
        akin = 2 * kept >= _AKIN * (len(old) + len(new))
        return self._exchanged(found) or (comparable(self._hole.cut, found) and (akin or self._beside(place)))

    def _exchanged(self, found: Cut) -> bool:
        """Whether the pin has its expression in the place of upstream's elsewhere too."""
        old, new = self._hole.cut, found
        for at, to in self._aligned.to_ours.items():
            if at == self._gone:
                continue
            for start in occurrences(self._base[at], old):
                tokens = inner(self._base[at], start, len(old.tokens), self._ours[to], whole=False)
                if tokens is not None and tuple(each.norm for each in tokens) == new.words:
                    return True
        return False

    def _beside(self, place: int) -> bool:
        """Whether a telling statement right beside it is the same on both sides."""
        base, ours = self._base, self._ours
        outer = parent(base, self._gone)
        mine = list(_children(base, outer, self._sides.ranges[0][1]))
        yours = list(_children(ours, parent(ours, place), self._sides.ranges[2][1]))
        at, to = mine.index(self._gone), yours.index(place)
        near = (
            (mine[at + step : at + step + 1], yours[to + step : to + step + 1]) for step in (-1, 1) if at + step >= 0
        )
        return any(
            one
            and two
            and one[0] in self._aligned.exact
            and self._aligned.to_ours[one[0]] == two[0]
            and len(base[one[0]].words) >= TELLING
            for one, two in near
        )

    def _written(self, place: int, tokens: Sequence[Token], *, present: bool) -> Filled | None:
        _, theirs, ours = self._sides.sources
        text = ours.text[tokens[0].start : tokens[-1].end]
        hollow = self._theirs[self._hole.at].tokens
        there = hollow[self._hole.start : self._hole.start + len(self._hole.cut.tokens)]
        upstream = self._sides.upstream
        before = _replaced(upstream.before, self._sides.sources[0], self._hole.cut.tokens, text)
        after = _replaced(upstream.after, theirs, there, text)
        if before is None or after is None or "\n" in text:
            return None
        lines = ours.statements[place].first, ours.statements[place].last
        return Filled(upstream=replace(upstream, before=before, after=after), lines=lines, present=present)


def _children(statements: Sequence[Statement], outer: int, end: int) -> Iterator[int]:
    """The statements that stand directly under one."""
    level = statements[outer + 1].level if outer + 1 < end else 0
    for at in range(outer + 1, end):
        if statements[at].level <= statements[outer].level:
            return
        if statements[at].level == level:
            yield at


def _replaced(text: Text, source: Source, tokens: Sequence[Token], by: str) -> Text | None:
    """A text with some tokens of one line replaced."""
    start, end = tokens[0].start, tokens[-1].end
    if "\n" in source.text[start:end]:
        return None
    lines = (source.text[:start] + by + source.text[end:]).split("\n")[: len(text.lines)]
    return replace(text, lines=tuple(lines)) if len(lines) == len(text.lines) else None
