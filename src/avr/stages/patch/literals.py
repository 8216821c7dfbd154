"""A change inside a string literal, merged by characters into a literal of the pin that differs elsewhere.

To the other rungs a literal is one token. Here the literals of two statements are paired, neighbours that are joined by
standing side by side counting as one, and what the fix changes in one is looked for in the other. It must stand there
once, between the same characters or at the same end.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avr.stages.patch.change import Refusal
from avr.stages.patch.languages.interface import Source, Statement, Token
from avr.tools.diff import Edit, edits

_LITERAL = re.compile(r"""([A-Za-z]*)('{3}|"{3}|['"/])(.*)(\2)([a-z]*)""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-7]{1,3}|.)", re.DOTALL)
_NEAR = 4
"""Characters that must agree on a side of the change, where no end of the literal is there."""
_GAP = 3
"""Equal characters between two changes below which they are one."""
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class _Literal:
    """One literal: how it is written, and where its content stands in the text."""

    prefix: str
    quote: str
    flags: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Literals side by side, as one content: `places` are the offsets of its characters in the text."""

    literals: tuple[_Literal, ...]
    content: str
    places: tuple[int, ...]


def merge_literals(base: Source, theirs: Source, ours: Source, at: tuple[int, int, int]) -> list[str] | Refusal:
    """The lines of ours' statement with the fix's changes inside of literals; `at` are the statements on each side."""
    sides = [source.statements[index] for source, index in zip((base, theirs, ours), at, strict=True)]
    if not _only_literals_change(sides[0], sides[1]):
        return Refusal(reason="the fix changes more than the inside of literals")
    old, new, mine = (_runs(source, each) for source, each in zip((base, theirs, ours), sides, strict=True))
    written: list[tuple[int, int, str]] = []
    for number, (one, two) in enumerate(zip(old, new, strict=True)):
        if one is None or two is None or one.content == two.content:
            if one is None or two is None:
                return Refusal(reason="a literal that the fix changes computes something")
            continue
        there = _counterpart(sides[0], sides[2], number, len(old), mine)
        made = _merged(one, two, there[0], there[1]) if there else None
        if made is None:
            return Refusal(reason="the pin has no literal with what the fix changes in one")
        written += made
    return _lines(ours, sides[2], written)


def _only_literals_change(one: Statement, two: Statement) -> bool:
    return _masked(one.shape.kinds, one.words) == _masked(two.shape.kinds, two.words) and one.words != two.words


def _masked(kinds: Sequence[str], words: Sequence[str]) -> list[str]:
    return ["\0" if kind == "string" else word for kind, word in zip(kinds, words, strict=True)]


def _grouped(statement: Statement) -> Iterator[list[int]]:
    """The places of literals that stand side by side."""
    run: list[int] = []
    for at, kind in enumerate((*statement.shape.kinds, "")):
        if kind == "string":
            run.append(at)
        elif run:
            yield run
            run = []


def _runs(source: Source, statement: Statement) -> list[_Run | None]:
    tokens = statement.tokens
    return [_run(source, [tokens[at] for at in group]) for group in _grouped(statement)]


def _run(source: Source, tokens: Sequence[Token]) -> _Run | None:
    """None where a literal computes something or cannot be taken apart."""
    literals = [_literal(source.text, each) for each in tokens]
    kept = [each for each in literals if each]
    if len(kept) < len(literals) or len({each.prefix.replace("r", "") for each in kept}) > 1:
        return None
    places = tuple(place for each in kept for place in range(each.start, each.end))
    return _Run(tuple(kept), "".join(source.text[each.start : each.end] for each in kept), places)


def _literal(text: str, token: Token) -> _Literal | None:
    found = _LITERAL.fullmatch(text[token.start : token.end])
    if found is None or "f" in found[1].lower() or (found[5] and found[2] != "/"):
        return None
    prefix = "".join(sorted(found[1].lower().replace("u", "")))
    return _Literal(prefix, found[2], found[5], token.start + found.start(3), token.start + found.end(3))


def _counterpart(
    one: Statement, two: Statement, number: int, count: int, mine: Sequence[_Run | None]
) -> tuple[_Run, tuple[bool, bool]] | None:
    """The run of the pin in the same place, and whether what is in front of it and behind it is the same."""
    groups, others = list(_grouped(one)), list(_grouped(two))
    left, right = _masked(one.shape.kinds, one.words), _masked(two.shape.kinds, two.words)
    head, tail = left[: groups[number][0]], left[groups[number][-1] + 1 :]
    from_front = {n for n, each in enumerate(others) if right[: each[0]] == head}
    from_behind = {n for n, each in enumerate(others) if right[each[-1] + 1 :] == tail}
    found = from_front | from_behind
    if len(found) != 1:
        return None
    index = found.pop()
    there = mine[index]
    front, behind = right[: others[index][0]], right[others[index][-1] + 1 :]
    other_argument = front.count(",") != head.count(",") or behind.count(",") != tail.count(",")
    if there is None or other_argument or (count == len(others) and index != number):
        return None
    return there, (index in from_front, index in from_behind)


def _merged(one: _Run, two: _Run, there: _Run, sides: tuple[bool, bool]) -> list[tuple[int, int, str]] | None:
    """Replacements `(start, end, text)` of the pin's text: all changes or none."""
    if max(len(each.content) for each in (one, two, there)) > _LONGEST:
        return None
    if [_kind(each) for each in one.literals] != [_kind(each) for each in two.literals]:
        return None
    made: list[tuple[int, int, str]] = []
    for change in _changes(one, two):
        spot = _spot(one.content, change, there.content, sides)
        if spot is None:
            return None
        start, end, text = spot, spot + change.a1 - change.a0, two.content[change.b0 : change.b1]
        home = _home(there, start, end)
        theirs = _home(one, change.a0, change.a1)
        if home is None or theirs is None or _kind(home) != _kind(theirs) or not _fits(text, home):
            return None
        if made and home.start + (start - _offset(there, home)) < made[-1][1]:
            return None
        at = home.start + start - _offset(there, home)
        made.append((at, at + end - start, text))
    return made


def _kind(literal: _Literal) -> tuple[str, bool, str]:
    """What two literals must share; quotes are a matter of taste, but for regular expressions."""
    return literal.prefix, literal.quote == "/", literal.flags


def _changes(one: _Run, two: _Run) -> list[Edit]:
    """The changes of the content, close ones as one, each within whole escapes."""
    found: list[Edit] = []
    for each in edits(list(one.content), list(two.content)):
        if found and each.a0 - found[-1].a1 < _GAP:
            found[-1] = Edit(found[-1].a0, each.a1, found[-1].b0, each.b1)
        else:
            found.append(each)
    return [_whole(each, one.content, two.content) for each in found]


def _whole(change: Edit, old: str, new: str) -> Edit:
    """The change widened until it splits no escape on either side."""
    a0, a1, b0, b1 = change.a0, change.a1, change.b0, change.b1
    while a0 and b0 and (_splits(old, a0) or _splits(new, b0)):
        a0, b0 = a0 - 1, b0 - 1
    while a1 < len(old) and b1 < len(new) and (_splits(old, a1) or _splits(new, b1)):
        a1, b1 = a1 + 1, b1 + 1
    return Edit(a0, a1, b0, b1)


def _splits(content: str, at: int) -> bool:
    """Whether the place is inside of an escape."""
    return any(each.start() < at < each.end() for each in _ESCAPE.finditer(content))


def _spot(old: str, change: Edit, mine: str, sides: tuple[bool, bool]) -> int | None:
    """Where the pin has what the change takes away, or the place of an addition; None where that is not sure."""
    gone = old[change.a0 : change.a1]
    places = [at for at in range(len(mine) - len(gone) + 1) if mine.startswith(gone, at) and _between(mine, at, gone)]
    sure = [at for at in places if _surrounded(old, change, mine, at, sides)]
    if len(sure) == 1 and _alone(old, change, mine, sure[0]):
        return sure[0]
    if not gone or mine.count(gone) != 1 or old.count(gone) != 1 or not places:
        return None
    starts = sides[0] and change.a0 == 0 and places[0] == 0
    ends = sides[1] and change.a1 == len(old) and places[0] + len(gone) == len(mine)
    return places[0] if starts or ends else None


def _between(mine: str, at: int, gone: str) -> bool:
    return not _splits(mine, at) and not _splits(mine, at + len(gone))


def _surrounded(old: str, change: Edit, mine: str, at: int, sides: tuple[bool, bool]) -> bool:
    """Whether enough is the same on both sides; an end of the content is, where the statements are the same beyond."""
    left, right = _common(old, change, mine, at)
    starts = sides[0] and left == change.a0 == at
    ends = sides[1] and right == len(old) - change.a1 == len(mine) - at - (change.a1 - change.a0)
    return (left >= _NEAR or starts) and (right >= _NEAR or ends)


def _common(old: str, change: Edit, mine: str, at: int) -> tuple[int, int]:
    """How many characters agree in front of the place and behind it."""
    end = at + change.a1 - change.a0
    left = right = 0
    while left < min(change.a0, at) and old[change.a0 - left - 1] == mine[at - left - 1]:
        left += 1
    while right < min(len(old) - change.a1, len(mine) - end) and old[change.a1 + right] == mine[end + right]:
        right += 1
    return left, right


def _alone(old: str, change: Edit, mine: str, at: int) -> bool:
    """Whether what is changed, with all that is the same around it, stands once on both sides."""
    left, right = _common(old, change, mine, at)
    whole = old[change.a0 - left : change.a1 + right]
    return bool(whole) and _times(old, whole) == _times(mine, whole) == 1


def _times(content: str, part: str) -> int:
    return sum(content.startswith(part, at) for at in range(len(content)))


def _home(run: _Run, start: int, end: int) -> _Literal | None:
    """The one literal of the run that holds a part of the content; None where several do."""
    at = 0
    found: list[_Literal] = []
    for each in run.literals:
        size = each.end - each.start
        if at <= start and end <= at + size:
            found.append(each)
        at += size
    if start == end and len(found) > 1:
        return None
    return found[0] if len(found) == 1 else None


def _offset(run: _Run, literal: _Literal) -> int:
    return sum(each.end - each.start for each in run.literals if each.start < literal.start)


def _fits(text: str, literal: _Literal) -> bool:
    """Whether new content can stand in a literal as it is."""
    plain = _ESCAPE.sub("", text)
    return "\\" not in plain and "\n" not in text and literal.quote[0] not in plain


def _lines(ours: Source, statement: Statement, written: Sequence[tuple[int, int, str]]) -> list[str] | Refusal:
    lines = ours.text.split("\n")[statement.first : statement.last]
    begin = sum(len(each) + 1 for each in ours.text.split("\n")[: statement.first])
    text = "\n".join(lines)
    for start, end, new in sorted(written, reverse=True):
        text = text[: start - begin] + new + text[end - begin :]
    return text.split("\n")
