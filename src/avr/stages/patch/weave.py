"""Three-way merge of statements token by token, written down in the pin's own layout.

Tokens that the pin keeps stay as the pin has them: quotes, wrapping, comments. Tokens that the fix brings come in
upstream's writing, moved to the pin's indentation and quotes. The space between two tokens is the pin's where both
are neighbours there, else upstream's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from avr.stages.patch.calls import other_call
from avr.stages.patch.change import Refusal
from avr.stages.patch.languages.interface import Source, Token
from avr.stages.patch.merge import Conflict, diff3
from avr.tools.diff import Edit, edits

Range = tuple[int, int]
_LEAST_ALIKE = 0.6
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A token of a region, or the start of a statement (`level` set, no width)."""

    token: Token
    level: int | None
    indent: str

    @property
    def key(self) -> str:
        return self.token.norm if self.level is None else f"\n{self.level}"


@dataclass(frozen=True, slots=True)
class _Item:
    """A piece of the result: its index in ours, in theirs, or in both."""

    ours: int | None
    theirs: int | None


def weave(base: Source, theirs: Source, ours: Source, regions: tuple[Range, Range, Range]) -> list[str] | Refusal:
    """The lines that replace `regions[2]` of ours when the change of base to theirs is made to it."""
    keys = [_keys(source, region) for source, region in zip((base, theirs, ours), regions, strict=True)]
    if _surely_unlike(keys[0], keys[2]):
        return Refusal(reason="the statements have too little in common")
    drift = _raised(edits(keys[0], keys[2]), keys[0], keys[2])
    moved = sum(max(each.a1 - each.a0, each.b1 - each.b0) for each in drift)
    if drift and moved > (1 - _LEAST_ALIKE) * max(len(keys[0]), len(keys[2])):
        return Refusal(reason="the statements have too little in common")
    spans = (source.statements[slice(*region)] for source, region in zip((base, theirs, ours), regions, strict=True))
    if drift and other_call(*spans):
        return Refusal(reason="the fix calls something else where the pin gives other arguments")
    changes = _raised(edits(keys[0], keys[1]), keys[0], keys[1])
    fates = diff3(keys[0], keys[1], keys[2], changes, drift)
    spots: list[Edit] = []
    for change, fate in zip(changes, fates, strict=True):
        if isinstance(fate, Conflict):
            return Refusal(reason="the pin differs in the very tokens that the fix changes")
        spots.append(Edit(fate.start, fate.end, change.b0, change.b1))
    sides = [_pieces(source, region) for source, region in zip((theirs, ours), regions[1:], strict=True)]
    items = _items(sides[1], spots, _matches(changes, drift, len(keys[0])))
    return _Writer(theirs, ours, sides[0], sides[1], regions[2][0]).write(items)


def _keys(source: Source, region: Range) -> list[str]:
    """The keys of the pieces of a region, without making the pieces."""
    statements = source.statements[region[0] : region[1]]
    return [key for each in statements for key in (f"\n{each.level}", *each.words)]


def _surely_unlike(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether so few keys are common, in whatever order, that no way from one to the other leaves enough in place."""
    longest = max(len(old), len(new))
    return longest - (Counter(old) & Counter(new)).total() > (1 - _LEAST_ALIKE) * longest


def _raised(found: Sequence[Edit], old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """Insertions and deletions moved up to where they begin with a statement, if they can: so people see them."""
    raised: list[Edit] = []
    for each in found:
        side, start, end = (new, each.b0, each.b1) if each.a0 == each.a1 else (old, each.a0, each.a1)
        room = each.a0 - (raised[-1].a1 if raised else 0)
        steps = 0
        if each.a0 == each.a1 or each.b0 == each.b1:
            while steps < room and not side[start - steps].startswith("\n") and _slides(side, start, end, steps):
                steps += 1
            steps = steps if side[start - steps].startswith("\n") else 0
        raised.append(Edit(each.a0 - steps, each.a1 - steps, each.b0 - steps, each.b1 - steps))
    return raised


def _slides(side: Sequence[str], start: int, end: int, steps: int) -> bool:
    return start - steps > 0 and side[start - steps - 1] == side[end - steps - 1]


def _pieces(source: Source, region: Range) -> list[_Piece]:
    found: list[_Piece] = []
    for statement in source.statements[region[0] : region[1]]:
        start = statement.start
        found.append(_Piece(Token("line", "", start, start), statement.level, statement.indent))
        found += [_Piece(token, None, statement.indent) for token in statement.tokens]
    return found


def _matches(changes: Sequence[Edit], drift: Sequence[Edit], size: int) -> dict[int, int]:
    """Indices of ours to indices of theirs, for what base has in common with both."""
    to_theirs, to_ours = _kept(changes, size), _kept(drift, size)
    return {to_ours[index]: to_theirs[index] for index in to_ours.keys() & to_theirs.keys()}


def _kept(changes: Sequence[Edit], size: int) -> dict[int, int]:
    kept: dict[int, int] = {}
    at, offset = 0, 0
    for each in (*changes, Edit(size, size, 0, 0)):
        kept |= {index: index + offset for index in range(at, each.a0)}
        at, offset = each.a1, each.b1 - each.a1
    return kept


def _items(ours: Sequence[_Piece], spots: Sequence[Edit], matches: dict[int, int]) -> list[_Item]:
    items: list[_Item] = []
    at = 0
    for spot in spots:
        items += [_Item(index, matches.get(index)) for index in range(at, spot.a0)]
        items += [_Item(None, index) for index in range(spot.b0, spot.b1)]
        at = spot.a1
    return items + [_Item(index, matches.get(index)) for index in range(at, len(ours))]


@dataclass(slots=True)
class _Whereabouts:
    """Where the writer is: the indentation, the statement begun last, and the line breaks of the open brackets."""

    indent: str
    statement: _Item | None
    breaks: list[str]

    def pass_by(self, piece: _Piece, gap: str) -> None:
        """Note the line break in front of a token, and the bracket that it opens or closes."""
        if piece.level is None and "\n" in gap and not gap.strip() and piece.key not in _CLOSING:
            self.breaks[-1] = gap
        if piece.key in _OPENING:
            self.breaks.append("")
        elif piece.key in _CLOSING and len(self.breaks) > 1:
            self.breaks.pop()


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes items down; `place` is the index of the first statement of the region in ours."""

    theirs: Source
    ours: Source
    their_pieces: Sequence[_Piece]
    our_pieces: Sequence[_Piece]
    place: int

    def write(self, items: Sequence[_Item]) -> list[str] | Refusal:
        """The lines, or a refusal where two tokens meet that are neighbours on neither side."""
        out: list[str] = []
        at = _Whereabouts("", None, [""])
        previous: _Item | None = None
        for item in items:
            piece = self._piece(item)
            if piece.level is not None:
                at.indent = piece.indent if item.ours is not None else self._indent(piece.level)
            gap = self._gap(previous, item, at)
            if gap is None:
                return Refusal(reason="tokens of both sides meet where neither side tells how")
            at.pass_by(piece, gap)
            at.statement = item if piece.level is not None else at.statement
            raw = self.theirs if item.ours is None else self.ours
            text = raw.text[piece.token.start : piece.token.end]
            out += [gap, text if item.ours is not None else self.ours.language.requoted(text, self.ours)]
            previous = item
        return "".join([*out, self._tail(previous, at)]).split("\n") if previous else []

    def _piece(self, item: _Item) -> _Piece:
        if item.ours is not None:
            return self.our_pieces[item.ours]
        assert item.theirs is not None, "an item is of one side at least"
        return self.their_pieces[item.theirs]

    def _gap(self, previous: _Item | None, item: _Item, at: _Whereabouts) -> str | None:
        if previous is None:
            return at.indent if item.ours is None else self._lead(item.ours)
        starts = self._piece(item).level is not None
        if previous.ours is not None and item.ours == previous.ours + 1:
            return self._between(self.ours, self.our_pieces, item.ours)
        if starts and item.ours:
            gap = self._between(self.ours, self.our_pieces, item.ours)
            return self._tail(previous, at) + gap[gap.index("\n") :]
        if not starts and item.ours is None and (wrapped := self._wrapped(previous, at)):
            return wrapped
        if not starts and item.ours and previous.ours is None and (closed := self._closed(item.ours)):
            return closed
        if previous.theirs is not None and item.theirs == previous.theirs + 1:
            gap = self._between(self.theirs, self.their_pieces, item.theirs)
            if starts:
                gap = self.ours.language.restyled(self.their_pieces[previous.theirs].token, gap, self.ours)
            return _moved(gap, self.their_pieces[item.theirs].indent, at.indent, starts=starts)
        return f"{self._tail(previous, at)}\n{at.indent}" if starts else None

    def _lead(self, index: int) -> str:
        """What stands on the line in front of a token of ours."""
        at = self.our_pieces[index].token.start
        return self.ours.text[self.ours.text.rfind("\n", 0, at) + 1 : at]

    def _wrapped(self, previous: _Item, at: _Whereabouts) -> str | None:
        """The pin's line break behind a bracket or a comma, where it breaks the line behind others like it."""
        if previous.ours is None:
            return at.breaks[-1] if self._piece(previous).key == "," else None
        index = previous.ours
        if index + 1 >= len(self.our_pieces) or self.our_pieces[index].key not in {*_OPENING, ","}:
            return None
        gap = self._between(self.ours, self.our_pieces, index + 1)
        return gap if "\n" in gap and not gap.strip() else None

    def _closed(self, index: int) -> str | None:
        """The pin's line break in front of a closing bracket, where it has one, with the comma there."""
        if self.our_pieces[index].key not in _CLOSING or self.our_pieces[index - 1].level is not None:
            return None
        gap = self._between(self.ours, self.our_pieces, index)
        return gap if "\n" in gap and not gap.strip(", \t\n") else None

    def _between(self, source: Source, pieces: Sequence[_Piece], index: int) -> str:
        return source.text[pieces[index - 1].token.end : pieces[index].token.start]

    def _tail(self, last: _Item, at: _Whereabouts) -> str:
        """What follows the last token of a statement on its line, a semicolon or a comment: the pin's if it can be."""
        end = self._last(at.statement)
        if end is not None:
            return self._rest(self.ours, self.our_pieces[end])
        if last.ours is not None and self._ends(self.our_pieces, last.ours):
            return self._rest(self.ours, self.our_pieces[last.ours])
        if last.theirs is not None and self._ends(self.their_pieces, last.theirs):
            piece = self.their_pieces[last.theirs]
            return self.ours.language.restyled(piece.token, self._rest(self.theirs, piece), self.ours)
        return ""

    def _last(self, statement: _Item | None) -> int | None:
        """The last token of a statement of ours."""
        if statement is None or statement.ours is None:
            return None
        return next(at for at in range(statement.ours + 1, len(self.our_pieces)) if self._ends(self.our_pieces, at))

    def _ends(self, pieces: Sequence[_Piece], index: int) -> bool:
        return index + 1 == len(pieces) or pieces[index + 1].level is not None

    def _rest(self, source: Source, piece: _Piece) -> str:
        return source.text[piece.token.end : source.text.index("\n", piece.token.end)]

    def _indent(self, level: int) -> str:
        """The pin's indentation for `level` at the place: a sibling's, or the parent's and one step more."""
        statements = self.ours.statements
        for near in (reversed(statements[: self.place]), iter(statements[self.place :])):
            for each in near:
                if each.level == level:
                    return each.indent
                if each.level < level:
                    break
        if not level:
            return ""
        step = next((each.indent for each in statements if each.level == 1), "    ")
        return self._indent(level - 1) + step


def _moved(gap: str, old: str, new: str, *, starts: bool) -> str:
    """A gap with its line breaks moved from one indentation to another."""
    first, *rest = gap.split("\n")
    lines = [
        new + line.removeprefix(old) if line.startswith(old) and (line.strip() or starts) else line for line in rest
    ]
    if rest and starts:
        lines[-1] = new
    elif rest and rest[-1].startswith(old):
        lines[-1] = new + rest[-1].removeprefix(old)
    return "\n".join([first, *(line.rstrip() if index < len(lines) - 1 else line for index, line in enumerate(lines))])
