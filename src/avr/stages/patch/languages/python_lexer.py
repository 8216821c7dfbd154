"""Python as tokens and statements, read from the text alone: no grammar, so that every age of Python is understood.

A statement here is a logical line (https://docs.python.org/3/reference/lexical_analysis.html#logical-lines). Two
statements are equal where they differ in quotes, wrapping, spaces, trailing commas and comments only.
"""

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from avr.stages.patch.languages.interface import Columns, Shape, Statement

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
_RAW = re.compile(
    r"""[ \t\f]++
    |[A-Za-z_\x80-\xff][\w\x80-\xff]*+(?!['"])
    |[()\[\]{},;~`]|\.(?![.0-9])|[:=](?!=)
    |(?i:[rbuf]|br|rb|fr|rf|ur)?(?:'(?!'')[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|"(?!"")[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"
        |'{3}(?:\\.|[^\\])*?'{3}|"{3}(?:\\.|[^\\])*?"{3})
    |[A-Za-z_\x80-\xff][\w\x80-\xff]*
    |\\\n|\#[^\n]*|\n
    |\.?[0-9](?:[eE][+-]|[\w.])*
    |\*\*=|//=|>>=|<<=|\.\.\.|->|:=|[-+*/%@&|^=!<>]=|\*\*|//|<<|>>|<>|[-+*/%@&|^<>.:=]
    """,
    re.VERBOSE | re.DOTALL,
)
"""The same without groups, what is frequent first: all tokens of a text at once."""
PLAIN_STRING = re.compile(r"""([A-Za-z]*)(['"])([^'"\\]*)\2""")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_DEPTHS = {**dict.fromkeys(_OPENING, 1), **dict.fromkeys(_CLOSING, -1)}
_BLANK = frozenset(" \t\f#\n\\")
"""What begins a token that is nothing."""
_TAB = 8
_FEW = 8
_DIGITS = frozenset("0123456789")
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
        single = _single(line)
        if single is None:
            single = _remembered(text, at, line)
            if single is None:
                return None
        indent, width, shape, first, start, last, length = single
        if shape.norms:
            while widths[-1] > width:
                widths.pop()
            if width > widths[-1]:
                widths.append(width)
            where = len(widths) - 1, indent, index + first, index + last, at + start, shape
            found.append(tuple.__new__(Statement, where))
        index, at = index + last, at + length
    return found


class _Read(NamedTuple):
    """A statement as it was read, wherever it stands: lines and characters are counted from the line it was found on.

    `length` is how far it is to the line behind it.
    """

    indent: str
    width: int
    shape: Shape
    first: int
    start: int
    last: int
    length: int


@lru_cache(maxsize=1 << 17)
def _single(line: str) -> _Read | None:
    """What a line by itself is, with no norms where it is nothing; None where it is no statement by itself."""
    bare = line.lstrip(" \t\f")
    indent = line[: len(line) - len(bare)]
    shape = _alone(bare) if bare else _EMPTY
    return _Read(indent, _width(indent), shape, 0, len(indent), 1, len(line) + 1) if shape is not None else None


def _width(indent: str) -> int:
    return len(indent.expandtabs(_TAB)) if "\t" in indent else len(indent)


@lru_cache(maxsize=1 << 17)
def _alone(line: str) -> Shape | None:
    """The shape of a line that is a statement by itself, without tokens for a comment; None where it is not one."""
    found = _RAW.findall(line)
    if "".join(found) != line:
        return None
    tokens = [raw for raw in found if raw[0] not in _BLANK]
    if not tokens:
        return _EMPTY
    brackets = list(filter(_DEPTHS.__contains__, tokens))
    if brackets and not _closed(brackets):
        return None
    return _shape(line, found, tokens)


def _shape(text: str, found: Sequence[str], tokens: Sequence[str]) -> Shape:
    """The shape of `tokens`, which are what counts of all that was `found` in a text; the first one begins it."""
    norms = tokens
    if "'" in text or '"' in text:
        norms = [_normal(raw) if raw[-1] in "'\"" else raw for raw in tokens]
    shape = Shape(tuple(norms), partial(_columns, found))
    key = shape.key
    if ", )" not in key and ", ]" not in key and ", }" not in key:
        return shape
    kept = _without_trailing_commas(tokens)
    return Shape(tuple([norms[each] for each in kept]), partial(_columns, found, kept))


def _closed(brackets: Sequence[str]) -> bool:
    """Whether brackets close after they were opened, all of them."""
    depth = 0
    for raw in brackets:
        depth += _DEPTHS[raw]
        if depth < 0:
            return False
    return depth == 0


def _columns(raws: Sequence[str], kept: Sequence[int] | None = None) -> Columns:
    """The kinds and places of the tokens in a text, spaces and comments in between; of all, or of those `kept`."""
    kinds: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for raw in raws:
        end = at + len(raw)
        if raw[0] not in _BLANK:
            kinds.append(_kind(raw))
            starts.append(at)
            ends.append(end)
        at = end
    if kept is None:
        return tuple(kinds), tuple(starts), tuple(ends)
    return tuple([kinds[at] for at in kept]), tuple([starts[at] for at in kept]), tuple([ends[at] for at in kept])


def _kind(raw: str) -> str:
    if raw[-1] in "'\"":
        return "string"
    first = raw[0]
    if first == "_" or first >= "\x80" or first.isalpha():
        return "name"
    return "number" if first in _DIGITS or raw[1:2] in _DIGITS else "op"


def _remembered(text: str, at: int, line: str) -> _Read | None:
    """The statement at `at` that goes on over lines, without reading anew what other versions of the file have too."""
    seen = _seen(line)
    for raw, known in seen:
        if text.startswith(raw, at):
            return known
    found = _several(text, at)
    if found is None:
        return None
    start, shape, length = found
    end = behind = text.index("\n", start + length) + 1
    while text.startswith("\\\n", end - 2) and end < len(text):  # a continuation of which nothing came
        end = text.index("\n", end) + 1
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    first, last = text.count("\n", at, start), text.count("\n", at, behind)
    read = _Read(indent, _width(indent), shape, first, start - at, last, behind - at)
    seen[_FEW - 1 :] = []
    seen.insert(0, (text[at:end], read))
    return read


@lru_cache(maxsize=1 << 12)
def _seen(line: str) -> list[tuple[str, _Read]]:  # noqa: ARG001 (the key)
    """What statements were read that begin with this line, the last few."""
    return []


def _several(text: str, at: int) -> tuple[int, Shape, int] | None:
    """The statement that begins at `at` and goes on over lines: its start, shape and length; None if it never ends."""
    found = _by_lines(text, at)
    if found is None:
        found = _by_tokens(text, at)
    tokens = [raw for raw in found if raw[0] not in _BLANK] if found else []
    if not found or not tokens:
        return None
    first = next(index for index, raw in enumerate(found) if raw[0] not in _BLANK)
    last = next(index for index in range(len(found), 0, -1) if found[index - 1][0] not in _BLANK)
    held = found[first:last]
    return at + sum(map(len, found[:first])), _shape("".join(held), held, tokens), sum(map(len, held))


def _by_lines(text: str, at: int) -> list[str] | None:
    """All tokens of the statement at `at`, line by line; None where one of them stands on several lines."""
    found: list[str] = []
    depth, begun = 0, False
    while True:
        end = text.find("\n", at) + 1
        line = text[at:end]
        raws = _RAW.findall(line)
        if not end or "".join(raws) != line:
            return None
        found += raws
        begun = begun or any(raw[0] not in _BLANK for raw in raws)
        for raw in filter(_DEPTHS.__contains__, raws):
            depth += _DEPTHS[raw]
            if depth < 0:
                return None
        if begun and not depth and raws[-1] == "\n":
            return found
        at = end


def _by_tokens(text: str, at: int) -> list[str] | None:
    """All tokens of the statement at `at`, one after the other; None if it never ends."""
    found: list[str] = []
    depth, begun = 0, False
    for match in _TOKEN.finditer(text, at):
        start, end = match.span()
        if start != at:
            return None
        at = end
        raw = match[0]
        found.append(raw)
        if raw == "\n" and begun and not depth:
            return found
        begun = begun or raw[0] not in _BLANK
        depth += _DEPTHS.get(raw, 0)
        if depth < 0:
            return None
    return None


def _normal(raw: str) -> str:
    plain = PLAIN_STRING.fullmatch(raw)
    if plain is None:
        return raw
    return f"{plain.group(1).lower().replace('u', '')}'{plain.group(3)}'"


def _without_trailing_commas(tokens: Sequence[str]) -> list[int]:
    """Which tokens remain without commas in front of closing brackets that mean nothing: not in `(a,)` and `x[a,]`."""
    kept: list[int] = []
    opened: list[list[int]] = []  # per open bracket: commas seen so far, and whether one alone would make a tuple
    for index, raw in enumerate(tokens):
        if raw in _OPENING:
            after_value = index > 0 and _is_value(tokens[index - 1])
            opened.append([0, after_value if raw == "[" else raw == "(" and not after_value])
        elif raw == "," and opened:
            opened[-1][0] += 1
        elif raw in _CLOSING and opened:
            commas, tuple_if_one = opened.pop()
            if tokens[kept[-1]] == "," and (commas > 1 or not tuple_if_one):
                kept.pop()
        kept.append(index)
    return kept


def _is_value(raw: str) -> bool:
    """Whether a bracket behind the token calls it or looks into it."""
    return raw in ")]" or _kind(raw) in {"name", "string"}
