"""Python, of every age: read from the text, parsed by today's grammar only where that is asked for."""

import ast
import re
import symtable
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from avr.stages.patch.languages import python_imports, python_lexer, python_scopes, quotes, rereading
from avr.stages.patch.languages.interface import Definition, Import, Imports, Portion, Scope, Source, Statement, Token
from avr.tools.python_syntax import parse as parse_python


class Python:
    """The language of `.py` and `.pyi` files."""

    name = "Python"

    def read(self, lines: tuple[str, ...]) -> Source | None:
        """The logical lines of a file; None for an open string or bracket."""
        return _read(lines)

    def scopes(self, lines: Sequence[str]) -> list[Scope]:
        """The classes and functions around every line."""
        return list(_scopes(tuple(lines)))

    def definitions(self, source: Source) -> list[Definition]:
        """Every `def` and `class`."""
        return list(_definitions(source))

    def imports(self, statement: Statement) -> Imports:
        """The names of an `import` or `from` statement."""
        return python_imports.imports(statement)

    def import_line(self, wanted: Import, pin: Source | None = None) -> str | None:  # noqa: ARG002 (one way only)
        """`from module import name as alias`, or `import name as alias`."""
        return str(wanted)

    def widened_import(self, statement: Statement, wanted: Import, source: Source) -> tuple[str, ...] | None:
        """A `from` statement with one more name; None where a star or an alias stands in it."""
        return python_imports.widened(statement, wanted, source)

    def in_reach(self, wanted: Import, source: Source) -> bool:  # noqa: ARG002 (builtins are not imported)
        """Nothing is in reach that is not imported."""
        return False

    def foreign(self, wanted: Import, source: Source) -> bool:  # noqa: ARG002 (the gates know what is installed)
        """Any module may be imported."""
        return False

    def parses(self, data: bytes) -> bool:
        """Whether today's grammar accepts the file; one of Python 2 it mostly does not."""
        return _is_accepted(data)

    def faults(self, text: str) -> int:
        """One where today's grammar does not accept the file."""
        return 0 if _is_accepted(text.encode("latin-1")) else 1

    def pieces(self, lines: tuple[str, ...]) -> tuple[Portion, ...]:
        """The statements of the top level and the members of its classes; a file parses if each of them does alone."""
        return _pieces(lines)

    def runs(self, statement: Statement) -> bool:
        """A lone string is a docstring."""
        return any(kind != "string" for kind in statement.shape.kinds)

    def restyled(self, last: Token, gap: str, pin: Source) -> str:  # noqa: ARG002 (nothing ends a statement but its line)
        """The gap as it is."""
        return gap

    def requoted(self, raw: str, pin: Source) -> str:
        """A plain literal in the pin's usual quotes."""
        plain = python_lexer.PLAIN_STRING.fullmatch(raw)
        if plain is None or "\n" in raw:
            return raw
        quote = quotes.usual(pin, ('"""', "'''"))
        return f"{plain.group(1)}{quote}{plain.group(3)}{quote}" if quote else raw


PYTHON = Python()
_VERSIONS = 6
"""Enough for both sides of a fix, and for the pin before and after it."""
_CLAUSES = frozenset({"else", "elif", "except", "finally"})
_MEMBERS = frozenset({"@", "async", "class", "def"})
_GRAMMAR = frozenset({"invalid syntax", "unexpected indent", "expected ':'"})
"""What the parser says, and the collector of names never does."""
_COOKIE = re.compile(r"[ \t\f]*#.*?coding[:=]")
"""A declared encoding (PEP 263) says how the whole file is read."""


@lru_cache(maxsize=32)
def _read(lines: tuple[str, ...]) -> Source | None:
    """Every rung asks for the same few files, so the last ones are kept."""
    text = "\n".join(lines) + "\n"
    recent = _recent()
    again = rereading.reread(lines, text, recent, python_lexer.statements)
    if again is None:
        found = python_lexer.statements(text)
        if found is None:
            return None
        again = tuple(found), tuple([f"{level} {shape.key}" for level, _, _, _, _, shape in found])
    source = Source(text=text, statements=again[0], keys=again[1], language=PYTHON)
    recent.append(rereading.Version.of(lines, source))
    return source


@lru_cache(maxsize=1)
def _recent() -> deque[rereading.Version]:
    """The versions read last."""
    return deque(maxlen=_VERSIONS)


@lru_cache(maxsize=32)
def _pieces(lines: tuple[str, ...]) -> tuple[Portion, ...]:
    """Clauses stay with what they belong to, decorators with what they decorate."""
    source = _read(lines)
    if source is None or any(_COOKIE.match(line) for line in lines[:2]):
        return (Portion(0, len(lines)),)
    starts = (*_starts(source.statements), (len(lines), ""))
    return tuple(Portion(first, last, header) for (first, header), (last, _) in pairwise(starts))


def _starts(statements: Sequence[Statement]) -> Iterator[tuple[int, str]]:
    """The lines on which pieces begin, and the head of the class that they stand in; its first member is with it."""
    yield 0, ""
    held = held_member = True
    name = ""
    body: str | None = None
    """The indentation in the class that is open, if one is; empty before its first member."""
    for level, indent, line, _, _, shape in statements:
        if level == 0:
            first = shape.norms[0]
            if not held and first not in _CLAUSES:
                yield line, ""
            held, body = first == "@", "" if first == "class" else None
            name = shape.norms[1] if body is not None and len(shape.norms) > 1 else ""
        elif level == 1 and body is not None:
            first = shape.norms[0]
            if body and not held_member and indent == body and first in _MEMBERS:
                yield line, f"class {name}:"
            held_member, body = first == "@", body or indent


@lru_cache(maxsize=32)
def _scopes(lines: tuple[str, ...]) -> tuple[Scope, ...]:
    return tuple(python_scopes.scopes(lines))


@lru_cache(maxsize=32)
def _definitions(source: Source) -> tuple[Definition, ...]:
    return tuple(python_scopes.definitions(source.statements))


@lru_cache(maxsize=64)
def _is_accepted(data: bytes) -> bool:
    """Whether today's grammar accepts a text; names are collected from the same tree without making objects of it.

    That refuses more than the grammar does (a name declared global after its use), so a refusal is asked again.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            symtable.symtable(data, "", "exec")  # type: ignore[arg-type] # it takes bytes too, as `ast.parse` does
        except SyntaxError as error:
            return error.msg not in _GRAMMAR and parsed(data) is not None
        except (ValueError, RecursionError, MemoryError):
            return parsed(data) is not None
    return True


@lru_cache(maxsize=64)
def parsed(data: bytes) -> ast.Module | None:
    """The tree of today's grammar, shared and not to be changed; None where it does not accept the text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return parse_python(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
