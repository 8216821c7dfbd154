"""New definitions put beside their siblings, where the lines around the place have drifted.

The order of functions, methods and classes in one body hardly ever matters, so a whole definition that the fix adds
may stand after the same sibling as upstream, or in front of the same one, even if the statements next to it differ.
The class around it must exist once in the pin, and must not define the name yet.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from avr.stages.patch.change import Refusal
from avr.stages.patch.languages.interface import Definition, Scope, Source
from avr.stages.patch.text import Replacement
from avr.stages.patch.weave import weave
from avr.tools.diff import Edit


@dataclass(frozen=True, slots=True)
class Inserted:
    """Lines that go in front of `line` (from 0) of the pin; `run` are the statements of theirs that they are."""

    line: int
    lines: list[str]
    run: tuple[int, int]


def with_commas(theirs: Source, ours: Source, inserted: Inserted) -> Replacement:
    """The insertion made, with commas between members of an object or a list that has them between its members."""
    at, lines = inserted.line, list(inserted.lines)
    first, last = inserted.run
    commas = [theirs.text[each.end : each.end + 1] == "," for each in theirs.statements[max(first - 1, 0) : last]]
    index = bisect_right([each.first for each in ours.statements], at - 1)
    above = ours.statements[index - 1] if index else None
    below = ours.statements[index] if index < len(ours.statements) else None
    if not any(commas) or above is None:
        return Replacement(start=at, end=at, lines=tuple(lines))
    if below is not None and below.words[0][:1] not in {"}", ")", "]"} and not commas[-1] and "//" not in lines[-1]:
        lines[-1] += ","
    if above.level == theirs.statements[first].level and not above.words[-1].endswith(("{", "(", "[")):
        own = ours.text.split("\n")[above.last - 1 : at]
        column = above.end - ours.text.rfind("\n", 0, above.end) - 1
        if own[0][column : column + 1] != ",":
            own[0] = f"{own[0][:column]},{own[0][column:]}"
            return Replacement(start=above.last - 1, end=at, lines=(*own, *lines))
    return Replacement(start=at, end=at, lines=tuple(lines))


def insert_definitions(base: Source, theirs: Source, ours: Source, edit: Edit) -> Inserted | Refusal:
    """Where the definitions that `edit` adds go in ours, and how they are written there."""
    refusal = Refusal(reason="the fix adds more than whole definitions")
    if edit.a0 < edit.a1:
        return refusal
    upstream, here = theirs.language.definitions(theirs), ours.language.definitions(ours)
    run = _aligned(upstream, edit, theirs)
    if run is None:
        return refusal
    added = [each for each in upstream if run[0] <= each.first and each.last <= run[1]]
    parent = added[0].lexical[:-1]
    if any(each.name in {one.name for one in here} or each.lexical in {one.lexical for one in here} for each in added):
        return Refusal(reason="the pin defines a name that the fix adds")
    if parent and [each.is_class for each in here if each.lexical == parent] != [True]:
        return Refusal(reason=f"the pin has no class {'.'.join(parent)!r}, or several")
    place = _beside_siblings(upstream, here, parent, run, ours)
    if place is not None and not _inside(here, parent, place, ours):
        return Refusal(reason="the pin's file is not well-formed around the place")
    if place is None:
        return Refusal(reason="the pin has none of the definitions around the added one")
    lines = weave(base, theirs, ours, ((edit.a0, edit.a0), run, (place, place)))
    return lines if isinstance(lines, Refusal) else _spaced(theirs, ours, run, place, lines)


def _aligned(found: Sequence[Definition], edit: Edit, source: Source) -> tuple[int, int] | None:
    """The added run moved up until it consists of whole definitions of one body."""
    keys, (first, last) = source.keys, (edit.b0, edit.b1)
    while True:
        inside = [each for each in found if first <= each.first and each.last <= last]
        tops = [each for each in inside if len(each.lexical) == min(len(one.lexical) for one in inside)]
        if tops and sum(each.last - each.first for each in tops) == last - first:
            return (first, last) if len({each.lexical[:-1] for each in tops}) == 1 else None
        if first == 0 or keys[first - 1] != keys[last - 1]:
            return None
        first, last = first - 1, last - 1


def _beside_siblings(
    upstream: Sequence[Definition], here: Sequence[Definition], parent: Scope, run: tuple[int, int], ours: Source
) -> int | None:
    """The index of the statement of ours in front of which the run goes."""
    siblings = [each for each in upstream if each.lexical[:-1] == parent]
    names = [each.lexical for each in here]
    for each in reversed([one for one in siblings if one.last <= run[0]]):
        if names.count(each.lexical) == 1:
            return _past_mentions(ours, here[names.index(each.lexical)])
    for each in (one for one in siblings if one.first >= run[1]):
        if names.count(each.lexical) == 1:
            return here[names.index(each.lexical)].first
    return None


def _inside(here: Sequence[Definition], parent: Scope, place: int, ours: Source) -> bool:
    """Whether the place is in the parent, as deep as its members are, and nothing in it is beyond the parser."""
    body = [each for each in here if each.lexical == parent]
    first, last = (body[0].first, body[0].last) if body else (0, len(ours.statements))
    level = ours.statements[first].level + 1 if body else 0
    within = not body or first < place <= last
    members = [each for each in here if each.lexical[:-1] == parent and first <= each.first < last]
    near = max((each for each in members if each.last <= place), key=lambda each: each.last, default=None)
    deep = near is None or ours.statements[near.first].level == level
    opaque = any(each.shape.kinds[0] == "opaque" for each in ours.statements[first:last]) and bool(body)
    return within and deep and not opaque


def _past_mentions(source: Source, definition: Definition) -> int:
    """The end of a definition and of the statements right behind it that speak of it: `name = property(_name)`."""
    level, at = source.statements[definition.first].level, definition.last
    while at < len(source.statements) and source.statements[at].level == level:
        if definition.name[-1] not in source.statements[at].words:
            break
        at += 1
    return at


def _spaced(theirs: Source, ours: Source, run: tuple[int, int], place: int, lines: list[str]) -> Inserted:
    """The lines with their comments above them, and as many blank ones around as upstream has in front."""
    blank, comments = _above(theirs, run[0], lines[0])
    end = ours.statements[place - 1].last if place else 0
    opens = (
        place > 0 and place < len(ours.statements) and ours.statements[place - 1].level < ours.statements[place].level
    )
    if opens or not place:
        return Inserted(_before_comments(ours, place, end), [*comments, *lines, *blank], run)
    return Inserted(end, [*blank, *comments, *lines], run)


def _above(source: Source, index: int, line: str) -> tuple[list[str], list[str]]:
    """The blank lines in front of a statement, two at most, and the comment right above it, indented like `line`."""
    before = source.statements[index - 1].last if index else 0
    statement = source.statements[index]
    between = source.text.split("\n")[before : statement.first]
    comments: list[str] = []
    while between and between[-1].strip():
        comments.insert(0, between.pop())
    indent = line[: len(line) - len(line.lstrip())]
    moved = [indent + each.removeprefix(statement.indent) for each in comments]
    return [""] * min(sum(not each.strip() for each in between), 2), moved


def _before_comments(source: Source, index: int, end: int) -> int:
    """The line of a statement, or of the comment right above it, but not above `end`."""
    line = source.statements[index].first
    above = source.text.split("\n")[end:line] if index else []
    while above and above.pop().strip():
        line -= 1
    return line
