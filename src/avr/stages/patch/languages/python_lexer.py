"""Python as tokens and statements, read from the text alone: no grammar, so that every age of Python is understood.

A statement here is a logical line (https://docs.python.org/3/reference/lexical_analysis.html#logical-lines). Two
statements are equal where they differ in quotes, wrapping, spaces, trailing commas and comments only.
"""

import re
from collections.abc import Iterator

from avr.stages.patch.languages.interface import Statement, Token

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
PLAIN_STRING = re.compile(r"""([A-Za-z]*)(['"])([^'"\\]*)\2""")
_OPENING, _CLOSING = "([{", ")]}"
_TAB = 8
_MAX = 4_000_000
"""Characters beyond which a file is not read as Python."""


def statements(text: str) -> list[Statement] | None:
    """The statements of a text, or None where it is not Python on the face of it (an open string or bracket)."""
    if len(text) > _MAX:
        return None
    found: list[Statement] = []
    widths = [0]
    for tokens in _logical(text):
        if tokens is None:
            return None
        found.append(_statement(text, tokens, widths, found[-1] if found else None))
    return found


def _logical(text: str) -> Iterator[list[Token] | None]:
    """The tokens of each logical line; None and the end where the text cannot be read."""
    at, depth = 0, 0
    tokens: list[Token] = []
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            yield None
            return
        at, kind, raw = match.end(), match.lastgroup or "", match.group()
        if kind == "newline" and not depth and tokens:
            yield _without_trailing_commas(tokens)
            tokens = []
        if kind in {"space", "comment", "newline"}:
            continue
        depth += (raw in _OPENING) - (raw in _CLOSING) if kind == "op" and len(raw) == 1 else 0
        if depth < 0:
            yield None
            return
        tokens.append(Token(kind, _normal(kind, raw), match.start(), at))
    if depth or tokens:
        yield None


def _normal(kind: str, raw: str) -> str:
    plain = PLAIN_STRING.fullmatch(raw) if kind == "string" else None
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


def _statement(text: str, tokens: list[Token], widths: list[int], previous: Statement | None) -> Statement:
    start = text.rfind("\n", 0, tokens[0].start) + 1
    indent = text[start : tokens[0].start]
    width = len(indent.expandtabs(_TAB))
    while widths[-1] > width:
        widths.pop()
    if width > widths[-1]:
        widths.append(width)
    done_at, done_line = (previous.tokens[-1].end, previous.last - 1) if previous else (0, 0)
    first = done_line + text.count("\n", done_at, tokens[0].start)
    last = first + text.count("\n", tokens[0].start, tokens[-1].end) + 1
    return Statement(level=len(widths) - 1, indent=indent, tokens=tuple(tokens), first=first, last=last)
