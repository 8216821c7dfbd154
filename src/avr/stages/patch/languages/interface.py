"""What the rungs know of a language: files as statements and tokens, definitions, imports.

A statement is the smallest run of lines that people write as one thing: a logical line in Python, a simple statement or
the head of a compound one elsewhere. Two statements are equal where they differ only in what the language ignores.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple, Protocol, TypeAlias

Scope: TypeAlias = tuple[str, ...]
"""Names from the outermost definition to the innermost; empty at the top level and in languages not known here."""


class Token(NamedTuple):
    """A token as it is compared (`norm`) and where it stands in the text.

    Kinds that the rungs ask for by name: `name`, `string`, `number` and `op`. A tuple, because files have many of them.
    """

    kind: str
    norm: str
    start: int
    end: int


_token = partial(tuple.__new__, Token)
"""A token of its four parts; many are made."""
Columns = tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]
"""Of some tokens: their kinds, and where they start and end."""


class Shape:
    """What a statement is wherever it stands: its tokens, column by column, offsets counted from the first one's start.

    Columns of plain values, because a file has a million tokens and objects would be looked at by every collection.
    Those besides `norms` are made when they are asked for: most statements are compared and never looked into.
    """

    __slots__ = ("_columns", "_make", "key", "norms")
    _make: Callable[[], Columns] | None
    _columns: Columns | None

    def __init__(self, norms: tuple[str, ...] = (), columns: Columns | Callable[[], Columns] = ((), (), ())) -> None:
        self.norms = norms
        self.key = " ".join(norms)
        if callable(columns):
            self._make, self._columns = columns, None
        else:
            self._make, self._columns = None, columns

    @classmethod
    def of(cls, tokens: Sequence[Token]) -> "Shape":
        """The shape of tokens that stand anywhere in a text."""
        start = tokens[0].start
        starts, ends = tuple([token[2] - start for token in tokens]), tuple([token[3] - start for token in tokens])
        return cls(tuple([token[1] for token in tokens]), (tuple([token[0] for token in tokens]), starts, ends))

    @property
    def columns(self) -> Columns:
        """Kinds, starts and ends."""
        if self._columns is None:
            assert self._make is not None, "one of the two is given"
            self._columns, self._make = self._make(), None
        return self._columns

    @property
    def kinds(self) -> tuple[str, ...]:
        """The tokens' kinds."""
        return self.columns[0]

    @property
    def starts(self) -> tuple[int, ...]:
        """Where the tokens start."""
        return self.columns[1]

    @property
    def ends(self) -> tuple[int, ...]:
        """Where the tokens end."""
        return self.columns[2]

    def __eq__(self, other: object) -> bool:
        """Equal where all columns are."""
        if self is other:
            return True
        return isinstance(other, Shape) and self.norms == other.norms and self.columns == other.columns

    def __hash__(self) -> int:
        """By the norms."""
        return hash(self.norms)


class Portion(NamedTuple):
    """The lines `[first, last)` of a file, and the line that has to come before them where they stand by themselves."""

    first: int
    last: int
    header: str = ""

    def alone(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """The piece of the file with these lines, as a parser reads it without the rest."""
        mine = lines[self.first : self.last]
        return (self.header, *mine) if self.header else mine


class Statement(NamedTuple):
    """A statement: its depth, its indentation, and the lines `[first, last)` it stands on; its first token's `start`.

    No two statements share a line. Equal statements share one shape. A tuple, because files have many of them.
    """

    level: int
    indent: str
    first: int
    last: int
    start: int
    shape: Shape

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens where they stand in the text; made when they are asked for."""
        at, shape = self.start, self.shape
        kinds, starts, ends = shape.columns
        columns = zip(kinds, shape.norms, [each + at for each in starts], [each + at for each in ends], strict=True)
        return tuple(map(_token, columns))

    @property
    def words(self) -> tuple[str, ...]:
        """The norms of the tokens."""
        return self.shape.norms

    @property
    def end(self) -> int:
        """Where the last token ends."""
        return self.start + self.shape.ends[-1]

    @property
    def key(self) -> str:
        """What makes two statements equal."""
        return f"{self.level} {self.shape.key}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """A file's statements; `text` is its lines joined by line feeds. Two are equal only if they are one object."""

    text: str
    statements: tuple[Statement, ...]
    keys: tuple[str, ...] = field(repr=False)
    language: "Language"


Place: TypeAlias = Literal["class", "object", "statement"]
"""What a function stands in: the body of a class, an object literal, or a statement of its own."""


class Form(NamedTuple):
    """How a function is written, in languages that have several ways.

    `marks` are the words of a plain function like it (`async function*`), empty where none is; `this` is what that word
    means inside of it; parameters and body stand at `[start, end)` of the text.
    """

    place: Place
    marks: str
    this: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class with its decorators: statements `[first, last)`, named by its whole scope.

    `written` is the scope as the text has it, where that is another one: `A.prototype.f` for `A`, `f`.
    """

    name: Scope
    first: int
    last: int
    is_class: bool
    written: Scope = ()
    form: Form | None = None

    @property
    def lexical(self) -> Scope:
        """The scope as the text has it: what it stands in, and how it is called there."""
        return self.written or self.name


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
        """The scope of every line, as the text has it; the head of a definition is inside what it opens."""
        ...

    def definitions(self, source: Source) -> list[Definition]:
        """Every definition of a file, in order; nested ones too."""
        ...

    def imports(self, statement: Statement) -> Imports:
        """The names that a statement imports; none where it is no import."""
        ...

    def import_line(self, wanted: Import, pin: Source | None = None) -> str | None:
        """A statement of its own that imports one name, as `pin` writes them; None where it cannot be told how."""
        ...

    def widened_import(self, statement: Statement, wanted: Import, source: Source) -> tuple[str, ...] | None:
        """The lines of an import of the same module with one more name; None where it cannot be told how."""
        ...

    def in_reach(self, wanted: Import, source: Source) -> bool:
        """Whether the file sees the name without importing it."""
        ...

    def foreign(self, wanted: Import, source: Source) -> bool:
        """Whether the name comes from where the file seems to get nothing: its counterpart may be called otherwise."""
        ...

    def parses(self, data: bytes) -> bool:
        """Whether a parser of today accepts the file."""
        ...

    def faults(self, text: str) -> int:
        """How many places of a file a parser of today does not understand; `text` is its lines joined by line feeds."""
        ...

    def pieces(self, lines: tuple[str, ...]) -> tuple[Portion, ...]:
        """What covers the file, in order, and a parser may be asked about piece by piece."""
        ...

    def runs(self, statement: Statement) -> bool:
        """Whether the statement does anything; a docstring does not."""
        ...

    def restyled(self, last: Token, gap: str, pin: Source) -> str:
        """The gap behind the `last` token of upstream's statement, ending the statement as the pin does."""
        ...

    def requoted(self, raw: str, pin: Source) -> str:
        """A string literal in the quotes that the pin uses nearly everywhere, where that needs no escapes."""
        ...
