"""Python as tokens and statements, read from the text alone: no grammar, so that every age of Python is understood.

A statement here is a logical line (https://docs.python.org/3/reference/lexical_analysis.html#logical-lines). Two
statements are equal where they differ in quotes, wrapping, spaces, trailing commas and comments only.
"""

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import pairwise

from avr.stages.patch.languages.interface import Columns, Shape, Statement, Token

_TOKEN = re.compile(
    r"""(?P<space>[ \t\f]+|\\\n)
    |(?P<comment>\#[^\n]*)
    |(?P<newline>\n)
    |(?P<string>(?i:[rbuf]|br|rb|fr|rf|ur)?(?:'{3}(?:\\.|[^\\])*?'{3}|"{3}(?:\\.|[^\\])*?"{3}
        |'(?!'')(?:\\.|[^'\\\n])*'|"(?!"")(?:\\.|[^"\\\n])*"))
    |(?P<name>[A-Za-z_\x80-\xff][\w\x80-\xff]*)
    |(?P<number>\.?[0-9](?:[eE][+-]|[\w.])*)
    |(?P<op>\*\*=|//=|>>=|<<=|\.\.\.|->|:=|[-+*/%@&|^=!<>]=|\*\*|//|<<|>>|<>|[-+*/%@&|^~<>()\[\]{},:.;=`])
    """,
    re.VERBOSE | re.DOTALL,
)
_RAW = re.compile(re.sub(r"\(\?P<\w+>", "(?:", _TOKEN.pattern), _TOKEN.flags)
"""The same without groups: all tokens of a text at once."""
PLAIN_STRING = re.compile(r"""([A-Za-z]*)(['"])([^'"\\]*)\2""")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_DEPTHS = {**dict.fromkeys(_OPENING, 1), **dict.fromkeys(_CLOSING, -1)}
_NOTHING = frozenset({"space", "comment", "newline"})
_TAB = 8
_FEW = 8
_EMPTY = Shape()
_MAX = 4_000_000
"""Characters beyond which a file is not read as Python."""


def statements(text: str, widths: list[int] | None = None) -> list[Statement] | None:
    """The statements of a text, or None where it is not Python on the face of it (an open string or bracket).

    `widths` are the indentations that are open where the text begins; those at its end are left in it.
    """
    if len(text) > _MAX:
        return None
    found: list[Statement] = []
    widths = [0] if widths is None else widths
    lines = text.split("\n")
    index, at = 0, 0
    while index < len(lines):
        line = lines[index]
        bare = line.lstrip(" \t\f")
        if not bare:
            at += len(line) + 1
            index += 1
            continue
        indent, shape, last = line[: len(line) - len(bare)], _alone(bare), index + 1
        if shape is None:
            more = _remembered(text, at, line)
            if more is None:
                return None
            start, shape, length = more
            first = index + text.count("\n", at, start)
            last = first + text.count("\n", start, start + length) + 1
            indent = text[text.rfind("\n", 0, start) + 1 : start]
            found.append(_statement(indent, widths, shape, start, first, last))
        elif shape.norms:
            found.append(_statement(indent, widths, shape, at + len(indent), index, last))
        at += len(line) + 1 if last == index + 1 else sum(map(len, lines[index:last])) + last - index
        index = last
    return found


@lru_cache(maxsize=1 << 17)
def _alone(line: str) -> Shape | None:
    """The shape of a line that is a statement by itself, without tokens for a comment; None where it is not one."""
    found = _RAW.findall(line)
    if "".join(found) != line:
        return None
    tokens = [raw for raw in found if raw[0] not in " \t\f#"]
    if not tokens:
        return _EMPTY
    if not _DEPTHS.keys().isdisjoint(tokens):
        if not _closed(tokens):
            return None
        if any(one == "," and two in _CLOSING for one, two in pairwise(tokens)):
            scanned = _scanned(line, 0, across=False)
            return scanned[0] if scanned else None
    norms = [_normal(raw) if raw[-1] in "'\"" else raw for raw in tokens]
    return Shape(tuple(norms), partial(_columns, found))


def _closed(tokens: Sequence[str]) -> bool:
    """Whether brackets close after they were opened, all of them."""
    depth = 0
    for raw in tokens:
        depth += _DEPTHS.get(raw, 0)
        if depth < 0:
            return False
    return depth == 0


def _columns(raws: Sequence[str]) -> Columns:
    """The kinds and places of the tokens of a line, spaces and comments in between."""
    kinds: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for raw in raws:
        end = at + len(raw)
        match = _TOKEN.match(raw)
        kind = match.lastgroup if match else None
        if kind and kind not in _NOTHING:
            kinds.append(kind)
            starts.append(at)
            ends.append(end)
        at = end
    return tuple(kinds), tuple(starts), tuple(ends)


def _remembered(text: str, at: int, line: str) -> tuple[int, Shape, int] | None:
    """As `_several`, without reading anew what other versions of the file have too."""
    seen = _seen(line)
    for raw, start, shape, length in seen:
        if text.startswith(raw, at):
            return at + start, shape, length
    found = _several(text, at)
    if found is not None:
        start, shape, length = found
        end = text.index("\n", start + length) + 1
        while text.startswith("\\\n", end - 2) and end < len(text):  # a continuation of which nothing came
            end = text.index("\n", end) + 1
        seen[_FEW - 1 :] = []
        seen.insert(0, (text[at:end], start - at, shape, length))
    return found


@lru_cache(maxsize=1 << 12)
def _seen(line: str) -> list[tuple[str, int, Shape, int]]:  # noqa: ARG001 (the key)
    """What statements were read that begin with this line, the last few."""
    return []


def _several(text: str, at: int) -> tuple[int, Shape, int] | None:
    """The statement that begins at `at` and goes on over lines: its start, shape and length; None if it never ends."""
    found = _scanned(text, at, across=True)
    return (found[1], found[0], found[2] - found[1]) if found else None


def _scanned(text: str, at: int, *, across: bool) -> tuple[Shape, int, int] | None:  # noqa: C901 (one loop, one pass)
    """The first statement's shape, start and end: of all of the text, or up to a line's end outside of brackets."""
    kinds: list[str] = []
    norms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    depth, commas, ended = 0, False, not across
    for match in _TOKEN.finditer(text, at):
        start, end = match.span()
        kind = match.lastgroup
        if start != at:
            return None
        at = end
        if kind == "newline" and across and not depth and kinds:
            ended = True
            break
        if kind is None or kind in _NOTHING:
            continue
        raw = match[0]
        if kind == "op":
            depth += _DEPTHS.get(raw, 0)
            if depth < 0:
                return None
            commas = commas or raw == ","
        norms.append(_normal(raw) if kind == "string" else raw)
        kinds.append(kind)
        starts.append(start)
        ends.append(end)
    if depth or not ended or (not across and at != len(text)):
        return None
    if not kinds:
        return _EMPTY, at, at
    first, last = starts[0], ends[-1]
    if commas and any(norm in _CLOSING and before == "," for before, norm in pairwise(norms)):
        kept = _without_trailing_commas(list(map(Token, kinds, norms, starts, ends)))
        return Shape.of(kept), first, last
    if first:
        starts, ends = [each - first for each in starts], [each - first for each in ends]
    return Shape(tuple(norms), (tuple(kinds), tuple(starts), tuple(ends))), first, last


def _normal(raw: str) -> str:
    plain = PLAIN_STRING.fullmatch(raw)
    if plain is None:
        return raw
    return f"{plain.group(1).lower().replace('u', '')}'{plain.group(3)}'"


def _without_trailing_commas(tokens: list[Token]) -> list[Token]:
    """Drop a comma in front of a closing bracket where it means nothing: not in `(a,)` and `x[a,]`."""
    kept: list[Token] = []
    opened: list[list[int]] = []  # per open bracket: commas seen so far, and whether one alone would make a tuple
    for index, token in enumerate(tokens):
        if token.kind == "op" and token.norm in _OPENING:
            after_value = index > 0 and (tokens[index - 1].kind in {"name", "string"} or tokens[index - 1].norm in ")]")
            opened.append([0, after_value if token.norm == "[" else token.norm == "(" and not after_value])
        elif token.norm == "," and opened:
            opened[-1][0] += 1
        elif token.norm in _CLOSING and token.kind == "op" and opened:
            commas, tuple_if_one = opened.pop()
            if kept[-1].norm == "," and (commas > 1 or not tuple_if_one):
                kept.pop()
        kept.append(token)
    return kept


def _statement(indent: str, widths: list[int], shape: Shape, start: int, first: int, last: int) -> Statement:
    width = len(indent.expandtabs(_TAB)) if "\t" in indent else len(indent)
    while widths[-1] > width:
        widths.pop()
    if width > widths[-1]:
        widths.append(width)
    return Statement(len(widths) - 1, indent, first, last, start, shape)
