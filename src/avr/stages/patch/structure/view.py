"""A unit of upstream beside its counterpart, and what R1 to R3 and the merge by alignment say about its edits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from avr.stages.patch.change import Refusal, Upstream, Verdict
from avr.stages.patch.portfile import port
from avr.stages.patch.structure.counterpart import Counterpart, File
from avr.stages.patch.structure.drifted import place_drifted
from avr.stages.patch.structure.renames import renames, translated
from avr.stages.patch.structure.sides import Sides
from avr.stages.patch.structure.transplant import Transplant, transplant
from avr.stages.patch.structure.units import Unit, head
from avr.stages.patch.text import Text
from avr.tools.diff import Edit

_WORTH = 2
"""How many times larger than the outermost unit a file must be for looking at the unit alone to pay."""

_RENAMED = 0.85
"""What is left of a score where names were translated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A unit before and after the fix, and the edits (by index) between the two."""

    before: Unit
    after: Unit
    edits: frozenset[int]

    @property
    def size(self) -> int:
        """Its statements before the fix."""
        return self.before.last - self.before.first

    def holds(self, other: "Pair") -> bool:
        """Whether the other unit is this one or inside of it."""
        return self.before.first <= other.before.first and other.before.last <= self.before.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A change, its file on both sides, and a unit in it; `indices` are the numbers of its edits in the question."""

    upstream: Upstream
    before: File
    after: File
    pair: Pair
    indices: tuple[int, ...]

    @classmethod
    def of(cls, upstream: Upstream, before: File, after: File, pair: Pair) -> "Frame":
        """The whole file."""
        return cls(upstream=upstream, before=before, after=after, pair=pair, indices=tuple(range(len(upstream.edits))))

    def narrowed(self, outer: Pair) -> "Frame":
        """No more of the file than a unit around the pair, where that makes a difference and reads the same."""
        here, there = outer.before.lines(self.before.source), outer.after.lines(self.after.source)
        indented = self.before.source.statements[outer.before.first].level
        if indented or _WORTH * (here[1] - here[0]) > len(self.before.text.lines):
            return self
        sides = _cut(self.upstream.before, here), _cut(self.upstream.after, there)
        before, after = (File.of(self.upstream.path, each) for each in sides)
        if before is None or after is None or not _same(before, outer.before) or not _same(after, outer.after):
            return self
        indices = tuple(sorted(outer.edits))
        moved = (self.upstream.edits[index] for index in indices)
        edits = tuple(Edit(e.a0 - here[0], e.a1 - here[0], e.b0 - there[0], e.b1 - there[0]) for e in moved)
        upstream = replace(self.upstream, before=sides[0], after=sides[1], edits=edits)
        units = _shifted(self.pair.before, outer.before.first), _shifted(self.pair.after, outer.after.first)
        pair = replace(self.pair, before=units[0], after=units[1])
        return Frame(upstream=upstream, before=before, after=after, pair=pair, indices=indices)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A frame with the pin's unit in upstream's place; `share` is what is left of a score where more was done."""

    frame: Frame
    found: Counterpart
    moved: Transplant
    share: float = 1.0

    def verdicts(self, wanted: Sequence[int]) -> dict[int, Verdict]:
        """What R1 to R3 say, and the merge by alignment where they have no answer."""
        numbers = {self.frame.indices.index(each): each for each in wanted}
        ported = port(self.frame.upstream, self.moved.text, list(numbers))
        found = {index: ported.answers[index].verdict for index in numbers}
        sides = self.sides()
        open_ = [i for i, each in found.items() if isinstance(each, Refusal) and not each.final]
        merged = place_drifted(sides, open_) if open_ and sides else {}
        return {numbers[index]: verdict for index, verdict in (found | merged).items()}

    def sides(self) -> Sides | None:
        """The unit's statements on all sides; None where the pin's cannot be told from what is around them."""
        frame = self.frame
        ours = File.of(frame.upstream.path, self.moved.text)
        if ours is None:
            return None
        statements = ours.source.statements
        inside = [i for i, each in enumerate(statements) if self.moved.start <= each.first < self.moved.end]
        if not inside or statements[inside[-1]].last > self.moved.end:
            return None
        here = Unit(self.found.unit.name, inside[0], inside[-1] + 1, self.found.unit.kind)
        old, new = frame.pair.before, frame.pair.after
        return Sides(
            upstream=frame.upstream,
            sources=(frame.before.source, frame.after.source, ours.source),
            ranges=((old.first, old.last), (new.first, new.last), (here.first, here.last)),
            heads=(head(frame.before.source, old), head(frame.after.source, new), head(ours.source, here)),
        )


def views(frame: Frame, found: Counterpart) -> Iterator[View]:
    """The unit as it is; then, where the pin calls local names otherwise, with its names."""
    plain = plain_view(frame, found)
    if plain is None:
        return
    yield plain
    sides = plain.sides()
    names = renames(sides) if sides else {}
    changed = translated(sides, names) if sides and names else None
    view = reworded(frame, found, changed) if changed else None
    if view:
        yield replace(view, share=_RENAMED)


def plain_view(frame: Frame, found: Counterpart) -> View | None:
    """The unit as it is; None where its indentation cannot be carried over."""
    moved = _moved(frame, frame.upstream, found)
    return View(frame=frame, found=found, moved=moved) if moved else None


def reworded(frame: Frame, found: Counterpart, upstream: Upstream) -> View | None:
    """The unit with a change in other words, line for line and statement for statement the same one."""
    before, after = (File.of(upstream.path, text) for text in (upstream.before, upstream.after))
    if before is None or after is None:
        return None
    old, new = frame.before.source.statements, frame.after.source.statements
    if (len(before.source.statements), len(after.source.statements)) != (len(old), len(new)):
        return None
    return plain_view(replace(frame, upstream=upstream, before=before, after=after), found)


def between(upstream: Upstream, before: File, after: File, old: Unit, new: Unit) -> frozenset[int]:
    """The edits between a unit and what the fix makes of it; none where they are not all of the difference."""
    (a0, a1), (b0, b1) = old.lines(before.source), new.lines(after.source)
    edits = enumerate(upstream.edits)
    found = {i: e for i, e in edits if a0 <= e.a0 and e.a1 <= a1 and b0 <= e.b0 and e.b1 <= b1}
    grown = sum(e.b1 - e.b0 - e.a1 + e.a0 for e in found.values())
    return frozenset(found) if grown == (b1 - b0) - (a1 - a0) else frozenset()


def _moved(frame: Frame, upstream: Upstream, found: Counterpart) -> Transplant | None:
    here, there = frame.pair.before.lines(frame.before.source), found.unit.lines(found.file.source)
    return transplant(upstream.before, here, found.file.text, there, found.file.path, found.shell)


def _cut(text: Text, lines: tuple[int, int]) -> Text:
    return Text(lines=text.lines[slice(*lines)], ends=text.ends[slice(*lines)])


def _same(file: File, unit: Unit) -> bool:
    return len(file.source.statements) == unit.last - unit.first


def _shifted(unit: Unit, by: int) -> Unit:
    return replace(unit, first=unit.first - by, last=unit.last - by)
