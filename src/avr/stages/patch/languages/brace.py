"""Languages with braces: JavaScript, TypeScript, Java, Go, C and C++, read through their tree-sitter grammars.

What the parser does not understand is a sequence of opaque lines, each a statement of one token; the rest of the file
is read as always. C with its macros is seldom understood whole.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

from avr.stages.patch.languages import brace_imports
from avr.stages.patch.languages.brace_lexer import PLAIN_STRING, Atom, Piece, piece
from avr.stages.patch.languages.grammar import Grammar
from avr.stages.patch.languages.interface import (
    Definition,
    Import,
    Imports,
    Portion,
    Scope,
    Shape,
    Source,
    Statement,
    Token,
)
from avr.stages.patch.languages.quotes import usual
from avr.stages.patch.languages.tree import Outline, outline

_MAX = 4_000_000
_FEW = 20
_WIDEST = 20_000
"""Characters of a file, and of one line, beyond which a file is lines and nothing more: it was not written by hand."""


@dataclass(frozen=True, slots=True)
class Brace:
    """One language, told by its grammar."""

    grammar: Grammar

    @property
    def name(self) -> str:
        """The language as people write it."""
        return self.grammar.name

    def read(self, lines: tuple[str, ...]) -> Source | None:
        """The statements of a file; None for one that is too large or whose lines are too long."""
        return _read(self, lines)

    def scopes(self, lines: Sequence[str]) -> list[Scope]:
        """The definitions around every line."""
        return list(_scopes(self.grammar, tuple(lines)))

    def definitions(self, source: Source) -> list[Definition]:
        """Every function, method, class and so on that stands on lines of its own."""
        return list(_definitions(self.grammar, source))

    def imports(self, statement: Statement) -> Imports:
        """The names that a statement imports."""
        return brace_imports.READERS[self.name](statement)

    def import_line(self, wanted: Import, pin: Source | None = None) -> str | None:
        """A statement in the module system, quotes and punctuation of the pin."""
        return brace_imports.written(self.name, wanted, pin)

    def widened_import(self, statement: Statement, wanted: Import, source: Source) -> tuple[str, ...] | None:
        """Names in braces with one more; None where the language imports one name at a time."""
        return brace_imports.widened(statement, wanted, source) if self.grammar.freedom.quotes else None

    def in_reach(self, wanted: Import, source: Source) -> bool:
        """Java sees the classes of its own package."""
        return self.name == "Java" and brace_imports.java_package(source) == wanted.module

    def foreign(self, wanted: Import, source: Source) -> bool:
        """Java packages that share not even the first word with anything imported: `jakarta` where all is `javax`."""
        return self.name == "Java" and brace_imports.is_foreign(wanted, source)

    def parses(self, data: bytes) -> bool:
        """Whether the parser understands all of the file."""
        return not self.faults(data.decode("latin-1"))

    def faults(self, text: str) -> int:
        """How many places the parser does not understand."""
        return _outline(self.grammar, text).faults if _is_readable(text) else 1

    def pieces(self, lines: tuple[str, ...]) -> tuple[Portion, ...]:
        """The whole file: what stands around a line decides how it is read."""
        return (Portion(0, len(lines)),)

    def runs(self, statement: Statement) -> bool:  # noqa: ARG002 (documentation is comments here)
        """Every statement does something."""
        return True

    def restyled(self, last: Token, gap: str, pin: Source) -> str:
        """The gap behind a statement's last token with or without a semicolon, as the pin has them."""
        if not self.grammar.freedom.semicolons:
            return gap
        if gap.startswith(";") and not brace_imports.ends_with_semicolons(pin):
            return gap[1:]
        if gap[:1] not in {";", ","} and brace_imports.ends_with_semicolons(pin) and last.norm not in "{}[(,;:":
            return f";{gap}"
        return gap

    def requoted(self, raw: str, pin: Source) -> str:
        """A plain literal in the pin's usual quotes."""
        plain = PLAIN_STRING.fullmatch(raw) if self.grammar.freedom.quotes else None
        quote = usual(pin) if plain else None
        return f"{quote}{plain.group(2)}{quote}" if plain and quote in {"'", '"'} else raw


@lru_cache(maxsize=32)
def _read(language: Brace, lines: tuple[str, ...]) -> Source | None:
    """Every rung asks for the same few files, so the last ones are kept."""
    text = "\n".join(lines) + "\n"
    if not _is_readable(text):
        return None
    statements = tuple(_Reader(language.grammar, text, _outline(language.grammar, text)).statements())
    return Source(text=text, statements=statements, keys=tuple([each.key for each in statements]), language=language)


@lru_cache(maxsize=32)
def _is_readable(text: str) -> bool:
    """Whether people could have written the file, and a parser gets through it in time.

    Every opening of a comment that is never closed makes the parser read to the end again.
    """
    if len(text) > _MAX or "\0" in text or max(map(len, text.split("\n"))) > _WIDEST:
        return False
    return text.count("/*", max(text.rfind("*/"), 0)) <= _FEW


@lru_cache(maxsize=32)
def _outline(grammar: Grammar, text: str) -> Outline:
    return outline(grammar, text.encode("latin-1"))


@lru_cache(maxsize=32)
def _scopes(grammar: Grammar, lines: tuple[str, ...]) -> tuple[Scope, ...]:
    text = "\n".join(lines) + "\n"
    found: list[Scope] = [()] * len(lines)
    for each in _outline(grammar, text).definitions if _is_readable(text) else ():
        found[each.first : each.last] = [each.written] * (min(each.last, len(lines)) - each.first)
    return tuple(found)


@lru_cache(maxsize=16)
def _definitions(grammar: Grammar, source: Source) -> tuple[Definition, ...]:
    starts = [each.start for each in source.statements]
    found: list[Definition] = []
    for each in _outline(grammar, source.text).definitions:
        first, last = bisect_left(starts, each.span[0]), bisect_left(starts, each.span[1])
        if first < last and starts[first] == each.span[0]:
            found.append(Definition(each.name, first, last, each.is_class, each.written, each.form))
    return tuple(found)


@dataclass(slots=True)
class _Reader:
    """Statements in the making."""

    grammar: Grammar
    text: str
    outline: Outline
    lines: list[int] = field(init=False)
    offsets: list[int] = field(init=False)
    depths: list[int] = field(init=False)
    doubtful: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lines = [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]
        self.offsets = [at for at, _ in self.outline.depths]
        self.depths = [0, *accumulate(step for _, step in self.outline.depths)]

    def statements(self) -> list[Statement]:
        """All of them, in order, no two on one line."""
        found = list(self._joined())
        faulty = self.outline.faulty | self.doubtful
        if not faulty:
            return found
        clear: list[Statement] = []
        opaque = set(faulty)
        for each in found:
            lines = range(each.first, each.last)
            if faulty.isdisjoint(lines):
                clear.append(each)
            else:
                opaque.update(lines)
        return sorted([*clear, *self._opaque(sorted(opaque))], key=lambda each: each.first)

    def _joined(self) -> Iterator[Statement]:
        """What begins on the line where something else ends is one statement with it."""
        starts = [*sorted(self.outline.starts), len(self.text)]
        lines, begin, last_line, found = self.lines, 0, -1, None
        for index in range(len(starts) - 1):
            read = self._piece(starts[index], starts[index + 1])
            if read is None:
                continue
            line = bisect_right(lines, starts[index] + read.start) - 1
            if found is not None and line == last_line:
                read = self._piece(begin, starts[index + 1])
                if read is None:  # a comment swallows what the parser took for code
                    self.doubtful.add(line)
                    continue
            else:
                if found is not None:
                    yield self._statement(begin, found)
                begin = starts[index]
            found, last_line = read, bisect_right(lines, begin + read.end - 1) - 1
        if found is not None:
            yield self._statement(begin, found)

    def _piece(self, start: int, end: int) -> Piece | None:
        return piece(self.text[start:end], self._atoms(start, end), self.grammar.freedom)

    def _atoms(self, start: int, end: int) -> tuple[Atom, ...]:
        atoms = self.outline.atoms
        at = bisect_left(atoms, (start, start, ""))
        if at == len(atoms) or atoms[at][0] >= end:
            return ()
        inside = atoms[at : bisect_left(atoms, (end, end, ""))]
        return tuple([(first - start, min(last, end) - start, kind) for first, last, kind in inside])

    def _line(self, offset: int) -> int:
        return bisect_right(self.lines, offset) - 1

    def _statement(self, begin: int, read: Piece) -> Statement:
        start = begin + read.start
        first, last = self._line(start), self._line(begin + read.end - 1) + 1
        indent = _indentation(self.text[self.lines[first] : start])
        return Statement(level=self._depth(start), indent=indent, first=first, last=last, start=start, shape=read.shape)

    def _depth(self, offset: int) -> int:
        return self.depths[bisect_right(self.offsets, offset)]

    def _opaque(self, rows: Iterable[int]) -> Iterator[Statement]:
        for row in rows:
            line = self.text[self.lines[row] : self.lines[row + 1] - 1]
            bare = line.strip()
            if bare:
                indent = _indentation(line)
                start = self.lines[row] + len(indent)
                shape = Shape.of([Token("opaque", bare, start, start + len(bare))])
                level = self._depth(start)
                yield Statement(level=level, indent=indent, first=row, last=row + 1, start=start, shape=shape)


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
