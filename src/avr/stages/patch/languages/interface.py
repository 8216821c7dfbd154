"""What the rungs know of a language: files as statements and tokens, definitions, imports.

A statement is the smallest run of lines that people write as one thing: a logical line in Python, a simple statement or
the head of a compound one elsewhere. Two statements are equal where they differ only in what the language ignores.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

Scope: TypeAlias = tuple[str, ...]
"""Names from the outermost definition to the innermost; empty at the top level and in languages not known here."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is compared (`norm`) and where it stands in the text.

    Kinds that the rungs ask for by name: `name`, `string`, `number` and `op`.
    """

    kind: str
    norm: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement: its depth, its indentation, its tokens, and the lines `[first, last)` it stands on.

    No two statements share a line.
    """

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
    language: "Language"


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class with its decorators: statements `[first, last)`, named by its whole scope."""

    name: Scope
    first: int
    last: int
    is_class: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported name: `name` out of `module` under the name `alias`; `module` is None where a module is imported."""

    module: str | None
    name: str
    alias: str | None = None

    @property
    def bound(self) -> str:
        """The name that the statement defines."""
        return self.alias or (self.name if self.module is not None else self.name.split(".")[0])

    def __str__(self) -> str:
        """The Python statement that imports just this."""
        clause = f"import {self._clause()}"
        return clause if self.module is None else f"from {self.module} {clause}"

    def _clause(self) -> str:
        return f"{self.name} as {self.alias}" if self.alias else self.name


Imports: TypeAlias = frozenset[Import]


class Language(Protocol):
    """One language as the rungs see it; every answer is drawn from the text alone, and nothing here ever raises."""

    @property
    def name(self) -> str:
        """The language as people write it."""
        ...

    def read(self, lines: tuple[str, ...]) -> Source | None:
        """The statements of a file, or None where it cannot be read as this language."""
        ...

    def scopes(self, lines: Sequence[str]) -> list[Scope]:
        """The scope of every line; the head of a definition is inside what it opens."""
        ...

    def definitions(self, source: Source) -> list[Definition]:
        """Every definition of a file, in order; nested ones too."""
        ...

    def imports(self, statement: Statement) -> Imports:
        """The names that a statement imports; none where it is no import."""
        ...

    def import_line(self, wanted: Import) -> str | None:
        """A statement of its own that imports one name; None where the language needs more to write one."""
        ...

    def widened_import(self, statement: Statement, wanted: Import, source: Source) -> tuple[str, ...] | None:
        """The lines of an import of the same module with one more name; None where it cannot be told how."""
        ...

    def parses(self, data: bytes) -> bool:
        """Whether a parser of today accepts the file."""
        ...

    def requoted(self, raw: str, pin: Source) -> str:
        """A string literal in the quotes that the pin uses nearly everywhere, where that needs no escapes."""
        ...
