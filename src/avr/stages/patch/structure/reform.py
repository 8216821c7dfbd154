"""One function in two forms, such as a method of a class and `A.prototype.f = function`: compared as plain functions.

A class cannot hold the one, nor a file the other, so both sides are written `function f(...) {...}` and stand alone.
What is placed goes back into the pin's own form. The forms must mean the same to the lines that the fix adds.
"""

from collections.abc import Iterator
from dataclasses import replace

from avr.stages.patch.change import Refusal, Upstream
from avr.stages.patch.languages.interface import Source, Statement
from avr.stages.patch.structure.counterpart import Counterpart, File
from avr.stages.patch.structure.shell import Shell, bare
from avr.stages.patch.structure.units import Unit
from avr.stages.patch.structure.variables import with_var
from avr.stages.patch.structure.view import Frame, Pair
from avr.stages.patch.text import Text
from avr.tools.diff import Edit

_OF_CLASSES = frozenset({"super", "#"})
"""Words that only the body of a class knows."""


def in_other_form(unit: Unit, other: Unit) -> bool:
    """Whether the two are functions that cannot stand in each other's place, or one that is written in two ways."""
    one, two = unit.form, other.form
    if one is None or two is None:
        return False
    same = unit.name[-1] == other.name[-1]
    return one.place != two.place or (same and unit.written[-1] != other.written[-1])


def in_one_form(frame: Frame, found: Counterpart) -> tuple[Frame, Counterpart] | Refusal:
    """The frame and the counterpart with nothing but the function in them, written alike; `frame` is the whole file."""
    doubt = _doubt(frame, found)
    if doubt:
        return doubt
    name = frame.pair.before.name[-1]
    before, after = (
        bare(file.text, file.source, unit, name, flush=True)
        for file, unit in ((frame.before, frame.pair.before), (frame.after, frame.pair.after))
    )
    ours = bare(found.file.text, found.file.source, found.unit, name, flush=False)
    if before is None or after is None or ours is None:
        return Refusal(reason=f"the pin writes {name!r} in a form that cannot be carried over")
    upstream = with_var(_narrow(frame, before, after), found.file.source)
    files = [File.of(upstream.path, text) for text in (upstream.before, upstream.after, ours[0])]
    alone = [(file, unit) for file in files if file and (unit := _alone(file))]
    if len(alone) < len(files):
        return Refusal(reason=f"{name!r} does not stand alone")
    (old, one), (new, two), (mine, unit) = alone
    pair = Pair(before=one, after=two, edits=frame.pair.edits)
    narrow = Frame(upstream=upstream, before=old, after=new, pair=pair, indices=tuple(sorted(frame.pair.edits)))
    return narrow, replace(found, file=replace(mine, path=found.file.path), unit=unit, shell=ours[1])


def _narrow(frame: Frame, before: tuple[Text, Shell], after: tuple[Text, Shell]) -> Upstream:
    """The change of the function alone."""
    here, there = before[1].line, after[1].line
    moved = (frame.upstream.edits[index] for index in sorted(frame.pair.edits))
    edits = tuple(Edit(e.a0 - here, e.a1 - here, e.b0 - there, e.b1 - there) for e in moved)
    return replace(frame.upstream, before=before[0], after=after[0], edits=edits)


def _alone(file: File) -> Unit | None:
    """The unit that is all of the file."""
    return next((each for each in file.units if (each.first, each.last) == (0, len(file.source.statements))), None)


def _doubt(frame: Frame, found: Counterpart) -> Refusal | None:
    """What the lines of the fix say that the pin's form would understand otherwise."""
    old, new, mine = frame.pair.before.form, frame.pair.after.form, found.unit.form
    name = frame.pair.before.name[-1]
    if old is None or new is None or mine is None or not old.marks == new.marks == mine.marks or not old.marks:
        return Refusal(reason=f"{name!r} is another kind of function in the pin")
    words = [token.norm for each in _added(frame) for token in each.tokens]
    if _OF_CLASSES & set(words):
        return Refusal(reason="the fix says what only a class can")
    if "this" in words and old.this != mine.this:
        return Refusal(reason="'this' is something else in the pin")
    known, theirs = _behind_dots(found.file.source), set(_own(frame.before.source.statements))
    missing = set(_own(_added(frame))) & theirs - known
    return Refusal(reason=f"the pin knows no 'this.{min(missing)}'") if missing else None


def _added(frame: Frame) -> list[Statement]:
    edits = [frame.upstream.edits[index] for index in frame.pair.edits]
    statements = frame.after.source.statements
    return [each for each in statements if any(each.first < e.b1 and e.b0 < each.last for e in edits)]


def _own(statements: list[Statement] | tuple[Statement, ...]) -> Iterator[str]:
    """The names behind `this.`."""
    for words in (each.words for each in statements):
        yield from (words[at] for at in range(2, len(words)) if words[at - 1] == "." and words[at - 2] == "this")


def _behind_dots(source: Source) -> set[str]:
    return {
        each.words[at] for each in source.statements for at in range(1, len(each.words)) if each.words[at - 1] == "."
    }
