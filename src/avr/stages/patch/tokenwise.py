"""Rung R3: Python statements matched modulo quotes, wrapping, spaces, trailing commas, comments and import order.

The techniques of R1 and R2 over statements instead of lines; where pin and fix changed the same statements, the two
changes are woven token by token, and imports are joined as sets. What is written is the pin's text with the changed
tokens replaced (`weave`). Any doubt is a refusal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from avr.model.backport import Rung
from avr.stages.patch.change import Placement, Present, Refusal, Upstream, Verdict
from avr.stages.patch.exact import Scoped, locate
from avr.stages.patch.imports import join_imports, strangers
from avr.stages.patch.insertion import Inserted, insert_definitions, with_commas
from avr.stages.patch.languages import read
from avr.stages.patch.languages.interface import Source, Statement
from avr.stages.patch.merge import Clean, Conflict, Same, anchors, diff3, elsewhere, misplaced
from avr.stages.patch.text import Replacement, Text
from avr.stages.patch.weave import Range, weave
from avr.tools.diff import Edit, edits

_EXACT, _CLEAN, _WOVEN, _JOINED = 0.9, 0.85, 0.7, 0.75
_ENOUGH = 2
_LARGEST = 60
"""Statements of a region beyond which two changes are not woven."""


def place_tokens(upstream: Upstream, pin: Text) -> list[Verdict]:
    """Place each edit by the statements it changes."""
    if upstream.language is None:
        return [Refusal(reason="no lexer for this language")] * len(upstream.edits)
    sides = [read(upstream.language, text.lines) for text in (upstream.before, upstream.after, pin)]
    before, after, ours = sides
    if before is None or after is None or ours is None:
        return [Refusal(reason=f"the file cannot be read as {upstream.language.name}")] * len(upstream.edits)
    return _Rung(upstream, pin, before, after, ours).verdicts()


@dataclass(frozen=True, slots=True)
class _Spot:
    """What became of one statement edit: replacements of the pin's lines, or the line where it is present."""

    replacements: tuple[Replacement, ...]
    score: float
    line: int
    floating: bool = False


@dataclass(frozen=True, slots=True)
class _Group:
    """Edits of lines and edits of statements that can only be judged together."""

    lines: frozenset[int]
    statements: frozenset[int]


class _Rung:
    """The rung at work on one file."""

    def __init__(self, upstream: Upstream, pin: Text, before: Source, after: Source, ours: Source) -> None:
        self._upstream, self._pin = upstream, pin
        self._before, self._after, self._ours = before, after, ours
        self._changes = edits(before.keys, after.keys)
        self._fates = diff3(before.keys, after.keys, ours.keys, self._changes)
        texts = (upstream.before, upstream.after, pin)
        self._scoped = [_scoped(source, text) for source, text in zip((before, after, ours), texts, strict=True)]

    def verdicts(self) -> list[Verdict]:
        """One for each edit of lines."""
        found: list[Verdict] = [Refusal(reason="no statement changes")] * len(self._upstream.edits)
        for group in self._groups():
            verdict = self._judged(sorted(group.statements))
            for index in group.lines:
                found[index] = verdict
        return found

    def _groups(self) -> list[_Group]:
        groups: list[_Group] = []
        for index, change in enumerate(self._changes):
            lines = frozenset(i for i, edit in enumerate(self._upstream.edits) if self._linked(edit, change))
            group = _Group(lines, frozenset({index}) | self._neighbours(index))
            for other in [each for each in groups if each.lines & group.lines or each.statements & group.statements]:
                groups.remove(other)
                group = _Group(group.lines | other.lines, group.statements | other.statements)
            groups.append(group)
        return groups

    def _linked(self, edit: Edit, change: Edit) -> bool:
        gone = self._before.statements[change.a0 : change.a1]
        come = self._after.statements[change.b0 : change.b1]
        return any(each.first < edit.a1 and edit.a0 < each.last for each in gone) or any(
            each.first < edit.b1 and edit.b0 < each.last for each in come
        )

    def _neighbours(self, index: int) -> frozenset[int]:
        """Other edits within the region of a conflict."""
        fate = self._fates[index]
        if not isinstance(fate, Conflict):
            return frozenset()
        first, last = fate.base
        return frozenset(i for i, each in enumerate(self._changes) if each.a0 <= last and each.a1 >= first)

    def _judged(self, members: Sequence[int]) -> Verdict:
        for index in members:
            strange = strangers(self._before, self._after, self._changes[index], self._ours)
            if strange:
                names = ", ".join(sorted(each.bound for each in strange))
                return Refusal(reason=f"the pin has {names} from elsewhere or not at all")
        spots = [self._spot(index) for index in members]
        refused = [each for each in spots if isinstance(each, Refusal)]
        if refused:
            woven = self._woven(members)
            return refused[0] if isinstance(woven, Refusal) and refused[0].final else woven
        found = [each for each in spots if isinstance(each, _Spot)]
        written = [each for each in found if each.replacements]
        if not written:
            return Present(rung=Rung.TOKEN, line=found[0].line)
        floating = all(each.floating for each in written)
        replacements = _side_by_side(written)
        if replacements is None:
            return Refusal(reason="two edits meet at one place of the pin")
        score = min(each.score for each in found)
        return Placement(rung=Rung.TOKEN, replacements=replacements, verbatim=False, score=score, floating=floating)

    def _spot(self, index: int) -> _Spot | Refusal:
        change, fate = self._changes[index], self._fates[index]
        place = locate(self._scoped[0], self._scoped[1], self._scoped[2], change)
        if isinstance(place, int):
            return self._present(place)
        if isinstance(place, Edit):
            return self._written(change, (place.a0, place.a1), _EXACT)
        if place.final:
            return place
        conflict = Refusal(reason="the pin differs in the statements that the fix changes")
        spot = conflict if isinstance(fate, Conflict) else self._merged(change, fate)
        return self._floated(change) or spot if isinstance(spot, Refusal) else spot

    def _floated(self, change: Edit) -> _Spot | None:
        """Imports and whole definitions, which do not depend on what stands next to them."""
        joined = join_imports(self._before, self._after, change, self._ours)
        if joined is not None:
            return _Spot(joined, _JOINED, joined[0].start if joined else 0, floating=True)
        inserted = insert_definitions(self._before, self._after, self._ours, change)
        if isinstance(inserted, Refusal):
            return None
        replacement = with_commas(self._after, self._ours, inserted)
        floating = replacement.start == replacement.end
        return _Spot((replacement,), _JOINED, inserted.line, floating=floating)

    def _merged(self, change: Edit, fate: Clean | Same) -> _Spot | Refusal:
        doubt = misplaced(self._scoped[0].scopes, change.a0, self._scoped[2].scopes, fate.start)
        if doubt:
            return doubt
        if isinstance(fate, Same):
            gone = self._before.keys[change.a0 : change.a1]
            if change.b0 == change.b1 and elsewhere(gone, self._ours.keys, self._after.keys):
                return Refusal(reason="the removed statements stand elsewhere in the pin")
            return self._present(fate.start)
        if anchors(self._before.keys, change, self._ours.keys, fate.start) < _ENOUGH:
            return Refusal(reason="too little in common around the place")
        return self._written(change, (fate.start, fate.end), _CLEAN)

    def _present(self, index: int) -> _Spot:
        statements = self._ours.statements
        return _Spot((), 1.0, statements[min(index, len(statements) - 1)].first if statements else 0)

    def _written(self, change: Edit, place: Range, score: float) -> _Spot | Refusal:
        regions = (change.a0, change.a1), (change.b0, change.b1), place
        lines = weave(self._before, self._after, self._ours, regions)
        if isinstance(lines, Refusal):
            return lines
        start, end = _lines(self._ours.statements, place)
        if start < end:
            return _Spot((Replacement(start=start, end=end, lines=tuple(lines)),), score, start)
        inserted = Inserted(start, [*self._lead(change), *lines], (change.b0, change.b1))
        return _Spot((with_commas(self._after, self._ours, inserted),), score, start)

    def _lead(self, change: Edit) -> tuple[str, ...]:
        """The comments and blank lines that come with inserted statements and stand in front of them."""
        statements = self._after.statements
        first = statements[change.b0 - 1].last if change.b0 else 0
        new = {line for edit in self._upstream.edits for line in range(edit.b0, edit.b1)}
        lines = self._upstream.after.lines
        wanted = range(first, statements[change.b0].first)
        return tuple(lines[at] for at in wanted if at in new or not lines[at].strip())

    def _woven(self, members: Sequence[int]) -> Verdict:
        """Weave the whole region of a conflict, all members at once."""
        fates = [self._fates[index] for index in members]
        changes = [self._changes[index] for index in members]
        conflicts = [each for each in fates if isinstance(each, Conflict)]
        if not conflicts or members != list(range(members[0], members[-1] + 1)):
            return Refusal(reason="the statements of the fix are not found in the pin")
        base = _hull([*(each.base for each in conflicts), *((each.a0, each.a1) for each in changes)])
        ours = _hull([each.ours if isinstance(each, Conflict) else (each.start, each.end) for each in fates])
        theirs = base[0] + changes[0].b0 - changes[0].a0, base[1] + changes[-1].b1 - changes[-1].a1
        if max(base[1] - base[0], ours[1] - ours[0], theirs[1] - theirs[0]) > _LARGEST or ours[0] == ours[1]:
            return Refusal(reason="the pin differs in the statements that the fix changes")
        doubt = misplaced(self._scoped[0].scopes, base[0], self._scoped[2].scopes, ours[0])
        lines = doubt or weave(self._before, self._after, self._ours, (base, theirs, ours))
        if isinstance(lines, Refusal):
            return lines
        start, end = _lines(self._ours.statements, ours)
        if tuple(lines) == self._pin.lines[start:end]:
            return Present(rung=Rung.TOKEN, line=start)
        replacement = Replacement(start=start, end=end, lines=tuple(lines))
        return Placement(rung=Rung.TOKEN, replacements=(replacement,), verbatim=False, score=_WOVEN)


def _side_by_side(spots: Sequence[_Spot]) -> tuple[Replacement, ...] | None:
    """The replacements of all, with floating ones of one place made one; None where others meet."""
    found: dict[tuple[int, int], Replacement] = {}
    fixed: set[tuple[int, int]] = set()
    for spot in spots:
        for each in spot.replacements:
            place = (each.start, each.end)
            alone = not spot.floating or each.start < each.end
            if place in found and (alone or place in fixed):
                return None
            fixed |= {place} if alone else set()
            lines = (*found[place].lines, *each.lines) if place in found else each.lines
            found[place] = Replacement(start=each.start, end=each.end, lines=lines)
    return tuple(found.values())


def _scoped(source: Source, text: Text) -> Scoped:
    around = source.language.scopes(text.lines)
    return Scoped(source.keys, [around[each.first] for each in source.statements])


def _hull(ranges: Sequence[Range]) -> Range:
    return min(first for first, _ in ranges), max(last for _, last in ranges)


def _lines(statements: Sequence[Statement], place: Range) -> Range:
    """The lines of a range of statements; an empty range is right after the statement in front of it."""
    first, last = place
    if first < last:
        return statements[first].first, statements[last - 1].last
    line = statements[first - 1].last if first else statements[0].first if statements else 0
    return line, line
