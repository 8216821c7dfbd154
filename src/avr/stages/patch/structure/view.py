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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A unit before and after the fix, and the edits (by index) between the two."""

    before: Unit
    after: Unit
    edits: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Upstream's files with the pin's unit in its place; `renamed` tells that upstream's names were translated."""

    pair: Pair
    found: Counterpart
    upstream: Upstream
    before: File
    after: File
    moved: Transplant
    renamed: bool = False

    def verdicts(self, wanted: Sequence[int]) -> dict[int, Verdict]:
        """What R1 to R3 say, and the merge by alignment where they have no answer."""
        ported = port(self.upstream, self.moved.text, wanted)
        found = {index: ported.answers[index].verdict for index in wanted}
        sides = self.sides()
        open_ = [i for i, each in found.items() if isinstance(each, Refusal) and not each.final]
        return found | place_drifted(sides, open_) if open_ and sides else found

    def sides(self) -> Sides | None:
        """The unit's statements on all sides; None where the pin's cannot be told from what is around them."""
        ours = File.of(self.upstream.path, self.moved.text)
        if ours is None:
            return None
        statements = ours.source.statements
        inside = [i for i, each in enumerate(statements) if self.moved.start <= each.first < self.moved.end]
        if not inside or statements[inside[-1]].last > self.moved.end:
            return None
        here = Unit(self.found.unit.name, inside[0], inside[-1] + 1, self.found.unit.kind)
        old, new = self.pair.before, self.pair.after
        return Sides(
            upstream=self.upstream,
            sources=(self.before.source, self.after.source, ours.source),
            ranges=((old.first, old.last), (new.first, new.last), (here.first, here.last)),
            heads=(head(self.before.source, old), head(self.after.source, new), head(ours.source, here)),
        )


def views(pair: Pair, found: Counterpart, upstream: Upstream, before: File, after: File) -> Iterator[View]:
    """The unit as it is; then, where the pin calls local names otherwise, with its names."""
    here, there = pair.before.lines(before.source), found.unit.lines(found.file.source)
    moved = transplant(upstream.before, here, found.file.text, there, found.file.path)
    if moved is None:
        return
    plain = View(pair=pair, found=found, upstream=upstream, before=before, after=after, moved=moved)
    yield plain
    sides = plain.sides()
    names = renames(sides) if sides else {}
    changed = translated(sides, names) if sides and names else None
    again = transplant(changed.before, here, found.file.text, there, found.file.path) if changed else None
    if changed and again:
        files = [File.of(upstream.path, text) for text in (changed.before, changed.after)]
        if files[0] and files[1]:
            yield replace(plain, upstream=changed, before=files[0], after=files[1], moved=again, renamed=True)
