"""What becomes of the pin's statements: replaced by the fix's where nothing is lost, else woven with them."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from avr.stages.patch.change import Refusal
from avr.stages.patch.literals import merge_literals
from avr.stages.patch.structure.alignment import Alignment, Range, likeness, shared
from avr.stages.patch.structure.names import said
from avr.stages.patch.structure.sides import Sides
from avr.stages.patch.text import Replacement
from avr.stages.patch.weave import weave
from avr.tools.diff import Edit

_ABSORBED = 0.5
"""How alike a drifted statement must be to the one that the fix removes."""
_WEAVABLE = 0.65
"""How alike it must be for the tokens of the fix to be woven into it."""


class Writer:
    """Writes changes of one unit down in the pin's own layout."""

    def __init__(self, sides: Sides, aligned: Alignment) -> None:
        """`aligned` tells which statements of the pin are which of base."""
        self._sides, self._aligned = sides, aligned
        self.inside_literals = False
        self._base, self._theirs, self._ours = sides.sources

    def written(
        self, change: Edit, place: Range, known: frozenset[str], paired: Mapping[int, int]
    ) -> list[Replacement] | Refusal:
        """The replacements for one change at statements `place` of ours.

        `known` is all that the fix says, `paired` the statements of theirs that are changed ones of base.
        """
        made: list[Replacement] = []
        offset = place[0] - change.a0
        drifted = {here: there for there, here in paired.items() if here not in self._aligned.exact}
        marks = [(change.a0 - 1, change.b0 - 1), *sorted(drifted.items()), (change.a1, change.b1)]
        for at, (here, there) in enumerate(marks[1:], 1):
            gone, come = (marks[at - 1][0] + 1, here), (marks[at - 1][1] + 1, there)
            spots = [self._swapped(gone, come, (gone[0] + offset, gone[1] + offset), known)]
            if here < change.a1:
                spots.append(self._woven(here, there, here + offset, known))
            for each in spots:
                if isinstance(each, Refusal):
                    return each
                made += each
        return made

    def _swapped(self, gone: Range, come: Range, place: Range, known: frozenset[str]) -> list[Replacement] | Refusal:
        """Statements of ours replaced by statements of theirs; drift in them must be of no account."""
        new = self._theirs.statements[slice(*come)]
        for here, there in zip(range(*gone), range(*place), strict=True):
            if here not in self._aligned.exact and not self._absorbed(here, there, known):
                return Refusal(reason="the fix would undo what the pin says otherwise")
        if gone == (gone[0], gone[0]) and come[0] == come[1]:
            return []
        lines = weave(self._ours, self._theirs, self._ours, (place, come, place)) if new else []
        if isinstance(lines, Refusal):
            return lines
        start, end = self._lines(place)
        lead, tail = self._around(come, lines) if start == end else ([], [])
        return [Replacement(start=start, end=end, lines=(*lead, *lines, *tail))]

    def _absorbed(self, here: int, there: int, known: frozenset[str]) -> bool:
        """Whether nothing is lost with a drifted statement: it says what upstream's says, or what the fix says."""
        mine, old = self._ours.statements[there], self._base.statements[here]
        return shared(old, mine) >= _ABSORBED and said(mine) <= said(old) | known

    def _woven(self, here: int, there: int, place: int, known: frozenset[str]) -> list[Replacement] | Refusal:
        """A drifted statement with the fix's tokens woven in; replaced where it is another one and nothing is lost."""
        regions = (here, here + 1), (there, there + 1), (place, place + 1)
        other = likeness(self._base.statements[here], self._ours.statements[place]) < _WEAVABLE
        if other and self._absorbed(here, place, known):
            return self._swapped(regions[0], regions[1], regions[2], known)
        lines = weave(self._base, self._theirs, self._ours, regions)
        if isinstance(lines, Refusal):
            if self.reversible(here, there, place):
                return []
            inside = self._inside_literals(here, there, place)
            if not isinstance(inside, list):
                return [] if inside else lines
            lines = inside
        start, end = self._lines(regions[2])
        return [Replacement(start=start, end=end, lines=tuple(lines))]

    def _inside_literals(self, here: int, there: int, place: int) -> list[str] | bool:
        """The lines with the fix made inside of literals; else whether it is there already."""
        merged = merge_literals(self._base, self._theirs, self._ours, (here, there, place))
        if isinstance(merged, Refusal):
            back = merge_literals(self._theirs, self._base, self._ours, (there, here, place))
            return not isinstance(back, Refusal)
        self.inside_literals = True
        return merged

    def reversible(self, here: int, there: int, place: int) -> bool:
        """Whether a statement of ours holds what the fix adds to it, and it could be taken back out."""
        added = said(self._theirs.statements[there]) - said(self._base.statements[here])
        regions = (there, there + 1), (here, here + 1), (place, place + 1)
        back = weave(self._theirs, self._base, self._ours, regions)
        return bool(added) and added <= said(self._ours.statements[place]) and not isinstance(back, Refusal)

    def _lines(self, place: Range) -> Range:
        statements = self._ours.statements
        if place[0] < place[1]:
            return statements[place[0]].first, statements[place[1] - 1].last
        line = statements[place[0] - 1].last if place[0] else 0
        return line, line

    def _around(self, come: Range, lines: Sequence[str]) -> tuple[list[str], list[str]]:
        """The comments and blank lines that come with inserted statements, in front of them and behind."""
        statements, text = self._theirs.statements, self._sides.upstream.after.lines
        new = {line for edit in self._sides.upstream.edits for line in range(edit.b0, edit.b1)}
        behind = statements[come[0] - 1].last if come[0] else 0
        below = statements[come[1]].first if come[1] < len(statements) else len(text)
        lead = range(behind, statements[come[0]].first)
        tail = takewhile(new.__contains__, range(statements[come[1] - 1].last, below))
        indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
        sides = ([at for at in lead if at in new], tail)
        found = [[text[at].strip() for at in side] for side in sides]
        return [indent + one if one else "" for one in found[0]], [indent + one if one else "" for one in found[1]]
