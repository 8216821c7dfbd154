"""New definitions and values put among their neighbours, wherever the pin has those.

Their order in a body hardly ever matters, so a whole unit that the fix adds may stand behind the unit that it follows
upstream, or in front of the one that it precedes. A value may use nothing that the pin defines further down.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from avr.model.backport import Rung
from avr.stages.patch.change import Placement, Present, Refusal
from avr.stages.patch.question import Question, Solution
from avr.stages.patch.structure.counterpart import Counterpart, File, Finder
from avr.stages.patch.structure.names import used
from avr.stages.patch.structure.units import Unit
from avr.stages.patch.text import Replacement
from avr.tools.diff import Edit

_SCORE = 0.75
_FARTHEST = 4
"""Units between the added one and the neighbour that tells its place, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Statements `[first, last)` of the file after the fix, all of them whole new units of the body `scope`."""

    first: int
    last: int
    units: tuple[Unit, ...]
    scope: tuple[str, ...]


def add_units(question: Question, before: File, after: File, finder: Finder, index: int) -> Solution | Refusal:
    """Place an edit that brings whole units and takes nothing away."""
    edit = question.upstream.edits[index]
    added = _added(edit, before, after)
    if added is None:
        return Refusal(reason="the fix changes more than it adds outside of all definitions")
    for follows, near in _neighbours(edit, added, before, finder):
        if len(near.unit.home) != len(added.scope) or _otherwise(near.unit, added.units[0]):
            continue
        there = near.unit.home
        if at := _there(after, added, near.file, there):
            present = Present(rung=Rung.STRUCTURE, line=at[0].lines(near.file.source)[0])
            return Solution(edits=(index,), path=near.file.path, verdict=present)
        if any(_same(each, one, there) for each in near.file.units for one in added.units):
            return Refusal(reason="the pin defines a name that the fix adds")
        place = near.unit.last if follows else near.unit.first
        if not place or _too_early(after, added, near.file, place):
            continue
        written = _written(after, added, near, place, follows=follows)
        if written:
            verdict = Placement(rung=Rung.STRUCTURE, replacements=(written,), verbatim=False, score=_SCORE)
            return Solution(edits=(index,), path=near.file.path, verdict=verdict)
    return Refusal(reason="the pin has none of the definitions around the added one")


def _added(edit: Edit, before: File, after: File) -> Added | None:
    if any(each.first < edit.a1 and edit.a0 < each.last for each in before.source.statements):
        return None
    come = [i for i, each in enumerate(after.source.statements) if each.first < edit.b1 and edit.b0 < each.last]
    if not come:
        return None
    first, last, keys = come[0], come[-1] + 1, after.source.keys
    while True:
        inside = [each for each in after.units if first <= each.first and each.last <= last]
        depth = min((len(each.home) for each in inside), default=0)
        tops = [each for each in inside if len(each.home) == depth]
        if tops and sum(each.last - each.first for each in tops) == last - first:
            scopes = {each.home for each in tops}
            return Added(first=first, last=last, units=tuple(tops), scope=scopes.pop()) if len(scopes) == 1 else None
        if not first or keys[first - 1] != keys[last - 1]:
            return None
        first, last = first - 1, last - 1


def _there(after: File, added: Added, file: File, scope: tuple[str, ...]) -> list[Unit]:
    """The pin's own units of the added names, where all of them say the same; else none."""
    found: list[Unit] = []
    for unit in added.units:
        mine = [each for each in file.units if each.written == (*scope, unit.written[-1])]
        if len(mine) != 1 or _tokens(after, unit) != _tokens(file, mine[0]):
            return []
        found += mine
    return found


def _same(one: Unit, added: Unit, scope: tuple[str, ...]) -> bool:
    """Whether a unit of the pin has the name that the added one would have there, however it is written."""
    return one.name == added.name or one.written == (*scope, added.written[-1])


def _otherwise(one: Unit, two: Unit) -> bool:
    """Whether one function stands in a class and the other in an object or on its own: they are written differently."""
    return one.form is not None and two.form is not None and one.form.place != two.form.place


def _tokens(file: File, unit: Unit) -> list[list[str]]:
    statements = file.source.statements[unit.first : unit.last]
    return [list(each.words) for each in statements]


def _neighbours(edit: Edit, added: Added, before: File, finder: Finder) -> Iterator[tuple[bool, Counterpart]]:
    """The pin's units around the place, nearest first, and whether the added ones follow them."""
    siblings = [each for each in before.units if each.home == added.scope]
    above = [each for each in siblings if each.lines(before.source)[1] <= edit.a0]
    below = [each for each in siblings if each.lines(before.source)[0] >= edit.a1]
    for step in range(_FARTHEST):
        sides = (True, above[-1 - step : len(above) - step]), (False, below[step : step + 1])
        for follows, units in sides:
            for unit in units:
                found = finder.find(unit)
                if isinstance(found, Counterpart):
                    yield follows, found


def _too_early(after: File, added: Added, there: File, place: int) -> bool:
    """Whether a value would use what the pin defines only behind the place."""
    values = [each for each in added.units if each.kind == "value"]
    wanted = used([after.source.statements[index] for each in values for index in range(each.first, each.last)])
    later = {each.name[-1] for each in there.units if each.first >= place}
    return bool(wanted & later)


def _written(after: File, added: Added, near: Counterpart, place: int, *, follows: bool) -> Replacement | None:
    """The lines, behind what stands in front of the place; blank ones as upstream has them."""
    theirs, ours = after.source.statements, near.file.source.statements
    start, above = theirs[added.first].first, theirs[added.first - 1].last if added.first else 0
    while start > above and after.text.lines[start - 1].strip():
        start -= 1
    old, new = theirs[added.first].indent, ours[near.unit.first].indent
    lines = after.text.lines[start : theirs[added.last - 1].last]
    if old != new and not all(line.startswith(old) for line in lines if line.strip()):
        return None
    moved = [new + line.removeprefix(old) if line.strip() else line for line in lines]
    at = ours[place - 1].last
    lead = [""] * min(start - above, 2)
    tail: list[str] = []
    if follows and place < len(ours):
        gap = _blank(near.file, at)
        below = theirs[added.last].first if added.last < len(theirs) else 0
        tail = [""] * min(max(below - theirs[added.last - 1].last - gap, 0), 2)
    return Replacement(start=at, end=at, lines=(*lead, *moved, *tail))


def _blank(file: File, line: int) -> int:
    count = 0
    while line + count < len(file.text.lines) and not file.text.lines[line + count].strip():
        count += 1
    return count
