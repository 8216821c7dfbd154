"""What is brought put into a file of the pin: imports join its imports, the rest goes beside its siblings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avr.stages.patch.adapt.words import Binding, Kind, assigned, units
from avr.stages.patch.change import Refusal
from avr.stages.patch.imports import join_imports
from avr.stages.patch.insertion import insert_definitions
from avr.stages.patch.languages.interface import Scope, Source
from avr.stages.patch.text import Replacement
from avr.stages.patch.weave import weave
from avr.tools.diff import Edit


def insert_import(theirs: Source, binding: Binding, ours: Source) -> Replacement | Refusal:
    """The one imported name added to the pin's imports, where upstream has it or after the pin's last import."""
    assert binding.imported is not None, "an import is bound by an import"
    wanted = binding.imported
    line, own = ours.language.import_line(wanted, ours), theirs.language.import_line(wanted, theirs)
    if line is None:
        return Refusal(reason=f"it cannot be told how to import {wanted.bound!r}")
    joined = _joined(theirs, binding, own or line, ours)
    if joined is not None and joined.start < joined.end:
        return joined
    if joined is not None:
        return _grouped(theirs, binding, Replacement(start=joined.start, end=joined.end, lines=(line,)), ours)
    at, first = _after_imports(ours)
    lines = ours.text.split("\n")
    above = [""] if first and at and lines[at - 1].strip() else []
    below = [""] if first and at < len(lines) and lines[at].strip() else []
    made = Replacement(start=at, end=at, lines=(*above, line, *below))
    return made if first else _grouped(theirs, binding, made, ours)


def insert_unit(theirs: Source, binding: Binding, scope: Scope, ours: Source) -> Replacement | Refusal:
    """A definition, constant or block of upstream put beside the siblings it stands beside there."""
    first, last = binding.first, binding.last
    if binding.kind is Kind.DEFINITION:
        inserted = insert_definitions(theirs, theirs, ours, Edit(first, first, first, last))
        if not isinstance(inserted, Refusal):
            lines = _with_comments(theirs, first, inserted.lines)
            return Replacement(start=inserted.line, end=inserted.line, lines=lines)
        if scope:
            return inserted
    return insert_statements(theirs, (first, last), scope, ours)


def insert_statements(theirs: Source, run: tuple[int, int], scope: Scope, ours: Source) -> Replacement | Refusal:
    """Statements of one body put after, or else before, the nearest sibling that the pin has exactly once."""
    place = _place(theirs, run, scope, ours)
    if place is None and scope:
        return Refusal(reason="the pin has nothing of what stands around it upstream")
    place = len(ours.statements) if place is None else place
    lines = weave(theirs, theirs, ours, ((run[0], run[0]), run, (place, place)))
    if isinstance(lines, Refusal):
        return lines
    written = _with_comments(theirs, run[0], lines)
    blank = _blank_above(theirs, run[0])
    if not ours.statements:
        return Replacement(start=0, end=0, lines=written)
    if not place:
        start = ours.statements[0].first
        return Replacement(start=start, end=start, lines=(*written, *[""] * (blank or 1)))
    at = ours.statements[place - 1].last
    return Replacement(start=at, end=at, lines=(*[""] * blank, *written))


def _joined(theirs: Source, binding: Binding, line: str, ours: Source) -> Replacement | None:
    """`join_imports` for upstream's file with the statement cut down to the one name."""
    statement = theirs.statements[binding.first]
    lines = theirs.text.split("\n")
    cut = theirs.language.read((*lines[: statement.first], line, *lines[statement.last :]))
    if cut is None or binding.first >= len(cut.statements):
        return None
    at = binding.first
    made = join_imports(cut, cut, Edit(at, at, at, at + 1), ours)
    return made[0] if made and len(made) == 1 else None


def _grouped(theirs: Source, binding: Binding, made: Replacement, ours: Source) -> Replacement:
    """A line of its own with a blank one where upstream has one and the pin's imports would run together."""
    here, lines, statement = theirs.text.split("\n"), ours.text.split("\n"), theirs.statements[binding.first]
    above = statement.first > 0 and not here[statement.first - 1].strip()
    below = statement.last < len(here) and not here[statement.last].strip()
    top = [""] if above and made.start and lines[made.start - 1].strip() else []
    end = [""] if below and made.start < len(lines) and lines[made.start].strip() else []
    return Replacement(start=made.start, end=made.end, lines=(*top, *made.lines, *end))


def _after_imports(source: Source) -> tuple[int, bool]:
    """The line behind the imports that the file begins with, or else (True) behind its docstring."""
    at = 0
    for statement in source.statements:
        if statement.level == 0 and source.language.imports(statement):
            at = statement.last
        elif at or any(token.kind != "string" for token in statement.tokens):
            break
    if at or not source.statements:
        return at, False
    opening = source.statements[0]
    return opening.last if all(token.kind == "string" for token in opening.tokens) else opening.first, True


@dataclass(frozen=True, slots=True)
class _Sibling:
    """A unit of a body: what it binds, what it says, and its statements `[first, last)`."""

    names: tuple[str, ...]
    key: str
    first: int
    last: int


def _place(theirs: Source, run: tuple[int, int], scope: Scope, ours: Source) -> int | None:
    """The index of the statement of ours in front of which the run goes."""
    around, here = list(_siblings(theirs, scope)), list(_siblings(ours, scope))
    above = [each for each in reversed(around) if each.last <= run[0]]
    below = [each for each in around if each.first >= run[1]]
    for distance in range(max(len(above), len(below))):
        for side, end in ((above, True), (below, False)):
            found = _counterpart(side[distance], here) if distance < len(side) else None
            if found is not None:
                return found.last if end else found.first
    return None


def _counterpart(wanted: _Sibling, here: Sequence[_Sibling]) -> _Sibling | None:
    alike = [each for each in here if (wanted.names and each.names == wanted.names) or each.key == wanted.key]
    return alike[0] if len(alike) == 1 else None


def _siblings(source: Source, scope: Scope) -> Iterator[_Sibling]:
    definitions = {each.first: each for each in source.language.definitions(source)}
    for first, last in units(source, scope):
        statement = source.statements[first]
        if first in definitions:
            names: tuple[str, ...] = definitions[first].lexical[-1:]
        else:
            names = tuple(assigned(statement))
        yield _Sibling(names, source.keys[first], first, last)


def _with_comments(theirs: Source, first: int, lines: Sequence[str]) -> tuple[str, ...]:
    """The lines with the comments that stand right above the first statement upstream."""
    text = theirs.text.split("\n")
    top = at = theirs.statements[first].first
    floor = theirs.statements[first - 1].last if first else 0
    while at > floor and text[at - 1].strip().startswith(("#", "//", "*", "/*")):
        at -= 1
    blank = next((n for n, line in enumerate(lines) if line.strip()), 0)
    written = lines[blank] if lines else ""
    indent = written[: len(written) - len(written.lstrip())]
    return (*lines[:blank], *(indent + line.strip() for line in text[at:top]), *lines[blank:])


def _blank_above(theirs: Source, first: int) -> int:
    text = theirs.text.split("\n")
    floor = theirs.statements[first - 1].last if first else 0
    return min(sum(not line.strip() for line in text[floor : theirs.statements[first].first]), 2)
