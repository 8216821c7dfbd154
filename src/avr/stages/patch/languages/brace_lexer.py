"""The tokens of the languages with braces, of one statement at a time.

Strings without escapes are equal whatever their quotes where the language has two kinds; commas in front of a closing
bracket and the marks that end a statement do not count where the language lets people leave them out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from avr.stages.patch.languages.grammar import Freedom
from avr.stages.patch.languages.interface import Shape, Token

_TOKEN = re.compile(
    r"""(?P<space>[ \t\f\v\r\n]+|\\\n)
    |(?P<comment>//[^\n]*|/\*(?:.*?\*/|.*))
    |(?P<string>\"\"\"(?:\\.|[^\\])*?\"\"\"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)
    |(?P<name>[A-Za-z_$\x80-\xff][\w$\x80-\xff]*)
    |(?P<number>\.?[0-9](?:[eEpP][+-]|[\w.])*)
    |(?P<op>\.\.\.|===|!==|\*\*=?|=>|->|\+\+|--|&&=?|\|\|=?|\?\?=?|\?\.(?![0-9])|:=|::|<-|<<=?|[-+*/%&|^<>=!]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
PLAIN_STRING = re.compile(r"""(['"])([^'"\\\n]*)\1""")
_IDLE = frozenset({"space", "comment"})
Atom = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text read: where its first token starts, where its last one ends, and the shape of what counts."""

    start: int
    end: int
    shape: Shape


@lru_cache(maxsize=1 << 17)
def piece(text: str, atoms: tuple[Atom, ...], freedom: Freedom) -> Piece | None:
    """Read a stretch of text; None where nothing but space and comments stands in it."""
    tokens = list(_tokens(text, atoms, free_quotes=freedom.quotes))
    if not tokens:
        return None
    kept = _counting(tokens, freedom) or tokens
    return Piece(kept[0].start, tokens[-1].end, Shape.of(kept))


def _tokens(text: str, atoms: Iterable[Atom], *, free_quotes: bool) -> Iterator[Token]:
    at = 0
    for start, end, kind in (*atoms, (len(text), len(text), "")):
        for match in _TOKEN.finditer(text, at, start):
            group = match.lastgroup or ""
            if group not in _IDLE:
                raw = match.group()
                norm = _norm(raw) if group == "string" and free_quotes else raw
                yield Token(group, norm, match.start(), match.end())
        if end > start:
            yield Token(kind, text[start:end], start, end)
        at = end


def _norm(raw: str) -> str:
    inner = raw[1:-1]
    plain = raw[0] in "'\"" and not any(char in inner for char in "'\"\\\n")
    return f"'{inner}'" if plain else raw


def _counting(tokens: Sequence[Token], freedom: Freedom) -> list[Token]:
    """The tokens without trailing commas and needless marks at the end of a statement."""
    kept: list[Token] = []
    for token in tokens:
        if token.kind == "op" and token.norm in {")", "]", "}"}:
            if token.norm in freedom.commas:
                _drop_comma(kept)
            if freedom.semicolons and token.norm == "}" and kept and kept[-1][:2] == ("op", ";"):
                kept.pop()
        kept.append(token)
    if len(kept) > 1 and kept[-1][:2] in {("op", ","), ("op", ";" if freedom.semicolons else ",")}:
        kept.pop()
    return kept


def _drop_comma(kept: list[Token]) -> None:
    """A comma behind a comma or an opening bracket stands for a hole, and stays."""
    if len(kept) > 1 and kept[-1][:2] == ("op", ",") and kept[-2].norm not in {",", "(", "[", "{"}:
        kept.pop()
