"""Python as tokens and statements, read from the text alone: no grammar, so that every age of Python is understood.

A statement here is a logical line (https://docs.python.org/3/reference/lexical_analysis.html#logical-lines). Two
statements are equal where they differ in quotes, wrapping, spaces, trailing commas and comments only. JavaScript and
others can join by giving a lexer of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

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
_PLAIN_STRING = re.compile(r"""([A-Za-z]*)(['"])([^'"\\]*)\2""")
_OPENING, _CLOSING = "([{", ")]}"
_TAB = 8
_MAX = 4_000_000
"""Characters beyond which a file is not read as Python."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is compared (`norm`) and where it stands in the text."""

    kind: str
    norm: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A logical line: its depth in the indentation, its tokens, and the lines `[first, last)` it stands on."""

    level: int
    indent: str
    tokens: tuple[Token, ...]
    first: int
    last: int

    @property
    def key(self) -> str:
        """What makes two statements equal."""
        return " ".join([str(self.level), *(token.norm for token in self.tokens)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's statements; `text` is its lines joined by line feeds."""

    text: str
    statements: tuple[Statement, ...]
    keys: tuple[str, ...] = field(repr=False)


@lru_cache(maxsize=16)
def read(lines: tuple[str, ...]) -> Source | None:
    """The statements of a file, or None where it is not Python on the face of it (an open string or bracket).

    Every rung asks for the same few files, so the last ones are kept.
    """
    text = "\n".join(lines) + "\n"
    if len(text) > _MAX:
        return None
    found: list[Statement] = []
    widths = [0]
    for tokens in _logical(text):
        if tokens is None:
            return None
        found.append(_statement(text, tokens, widths, found[-1] if found else None))
    return Source(text=text, statements=tuple(found), keys=tuple(each.key for each in found))


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
    plain = _PLAIN_STRING.fullmatch(raw) if kind == "string" else None
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


def requoted(raw: str, pin: Source) -> str:
    """A string literal in the quotes that the pin uses nearly everywhere, where that needs no escapes."""
    plain = _PLAIN_STRING.fullmatch(raw)
    if plain is None or "\n" in raw:
        return raw
    tokens = (token for each in pin.statements for token in each.tokens if token.kind == "string")
    strings = [pin.text[token.end - 1] for token in tokens if not token.norm.endswith(('"""', "'''"))]
    for quote in "'\"":
        if len(strings) > 4 and strings.count(quote) > 0.9 * len(strings):
            return f"{plain.group(1)}{quote}{plain.group(3)}{quote}"
    return raw
