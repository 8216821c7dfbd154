"""The names that statements use and that a file or class binds, read from tokens: right for every age of a language."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from avr.stages.patch.languages.interface import Definition, Import, Scope, Shape, Source, Statement

_IN_STRING = re.compile(r"(?<!\{)\{\s*([A-Za-z_]\w*)")
_SELF = frozenset({"self", "cls", "this"})
_DECLARES = frozenset({"const", "let", "var", "export", "static", "final", "public", "private", "protected"})
_CLAUSES = frozenset({"else", "elif", "except", "finally"})
_BLOCKS = frozenset({"try", "if", "with", "for", "while", "else", "elif", "except", "finally"})


class Kind(Enum):
    """How a name is bound."""

    IMPORT = "import"
    DEFINITION = "definition"
    CONSTANT = "constant"
    BLOCK = "block"
    """Somewhere inside a compound statement, such as an import that may fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A name bound by the statements `[first, last)` of a file; `imported` for an import."""

    name: str
    kind: Kind
    first: int
    last: int
    imported: Import | None = None


def bare_names(statements: Sequence[Statement], source: Source) -> set[str]:
    """Names that stand for themselves: no attributes, no keywords of a call, no keys."""
    found: set[str] = set()
    for statement in statements:
        shape, at = statement.shape, statement.start
        for index, (kind, norm) in enumerate(zip(shape.kinds, shape.norms, strict=True)):
            if kind == "name" and _is_bare(shape, index):
                found.add(norm)
            elif kind == "string" and "f" in norm[:2].lower():
                found |= set(_IN_STRING.findall(source.text[at + shape.starts[index] : at + shape.ends[index]]))
    return found


def attributes(statements: Sequence[Statement]) -> set[tuple[str, str]]:
    """Pairs such as `("self", "name")` for every `self.name` whose left side is a bare name."""
    return {
        (shape.norms[at - 2], shape.norms[at])
        for shape in (each.shape for each in statements)
        for at in range(2, len(shape.norms))
        if shape.norms[at - 1] == "." and shape.kinds[at] == "name" and _is_bare(shape, at - 2)
    }


def own_attributes(statements: Sequence[Statement]) -> set[str]:
    """The names behind `self.`, `cls.` and `this.`."""
    return {name for left, name in attributes(statements) if left in _SELF}


@lru_cache(maxsize=64)
def bindings(source: Source) -> dict[str, Binding]:
    """What the top level of a file binds; the first binding of each name."""
    found: dict[str, Binding] = {}
    definitions = [each for each in source.language.definitions(source) if len(each.lexical) == 1]
    heads = {each.first: each for each in definitions}
    for first, last in units(source, ()):
        for each in _bound(source, first, last, heads):
            found.setdefault(each.name, each)
    return found


def members(source: Source, scope: Scope) -> dict[str, Binding]:
    """What the body of a class binds: methods, nested classes and constants."""
    holder = next(
        (each for each in source.language.definitions(source) if each.lexical == scope and each.is_class), None
    )
    if holder is None:
        return {}
    inner = [each for each in source.language.definitions(source) if each.lexical[:-1] == scope]
    found = {
        each.lexical[-1]: Binding(name=each.lexical[-1], kind=Kind.DEFINITION, first=each.first, last=each.last)
        for each in reversed(inner)
    }
    level = source.statements[holder.first].level + 1
    for at in range(holder.first, holder.last):
        if source.statements[at].level == level:
            for name in assigned(source.statements[at]):
                found.setdefault(name, Binding(name=name, kind=Kind.CONSTANT, first=at, last=at + 1))
    return found


def units(source: Source, scope: Scope) -> Iterator[tuple[int, int]]:
    """The units of a body, as ranges of statements: definitions, compound statements, and single statements."""
    definitions = source.language.definitions(source)
    heads = {each.first: each for each in definitions if each.lexical[:-1] == scope}
    at, end = 0, len(source.statements)
    if scope:
        holder = next((each for each in definitions if each.lexical == scope and each.is_class), None)
        if holder is None:
            return
        end = holder.last
        at = next((i for i in range(holder.first, end) if source.statements[i].level > _level(source, holder)), end)
    while at < end:
        following = min(_unit_end(source, at, heads), end)
        yield at, following
        at = following


def _level(source: Source, holder: Definition) -> int:
    return source.statements[holder.first].level


def assigned(statement: Statement) -> list[str]:
    """The plain names that a statement assigns: `A = B = 1`, `A: int = 1`, `A, B = 1, 2`, `const A = 1`."""
    names: list[str] = []
    waiting: list[str] = []
    depth, typed = 0, False
    for kind, norm in zip(statement.shape.kinds, statement.words, strict=True):
        depth += (norm in "([{") - (norm in ")]}") if kind == "op" else 0
        if norm == "=" and not depth:
            names += waiting
            waiting, typed = [], False
        elif kind == "name" and not depth and not typed:
            waiting += [] if norm in _DECLARES else [norm]
        elif norm == ":" and not depth and len(waiting) == 1:
            typed = True
        elif not typed and norm not in {",", "(", ")"}:
            break
    return names


def _is_bare(shape: Shape, at: int) -> bool:
    before = shape.norms[at - 1] if at else ""
    after = shape.norms[at + 1] if at + 1 < len(shape.norms) else ""
    if before == "." or shape.kinds[at] != "name":
        return False
    return not (after == "=" and before in {"(", ","} and _inside_call(shape, at))


def _inside_call(shape: Shape, at: int) -> bool:
    pairs = zip(shape.kinds[:at], shape.norms[:at], strict=True)
    return sum((norm in "([{") - (norm in ")]}") for kind, norm in pairs if kind == "op") > 0


def _unit_end(source: Source, at: int, heads: dict[int, Definition]) -> int:
    """The end of the top-level unit that starts at `at`: a definition, a compound statement, or one statement."""
    if at in heads:
        return heads[at].last
    statements = source.statements
    level, end = statements[at].level, at + 1
    while end < len(statements):
        following = statements[end]
        if following.level <= level and following.words[0] not in _CLAUSES:
            break
        end += 1
    return end


def _bound(source: Source, first: int, last: int, heads: dict[int, Definition]) -> Iterator[Binding]:
    if first in heads:
        yield Binding(name=heads[first].lexical[-1], kind=Kind.DEFINITION, first=first, last=last)
        return
    compound = last - first > 1 and source.statements[first].words[0] in _BLOCKS
    for at in range(first, last if compound else first + 1):
        statement = source.statements[at]
        imported = source.language.imports(statement)
        for each in imported:
            kind = Kind.BLOCK if compound else Kind.IMPORT
            yield Binding(name=each.bound, kind=kind, first=first, last=last, imported=each)
        if at in heads:
            yield Binding(name=heads[at].lexical[-1], kind=Kind.BLOCK, first=first, last=last)
        elif not imported:
            kind = Kind.BLOCK if compound else Kind.CONSTANT
            yield from (Binding(name=name, kind=kind, first=first, last=last) for name in assigned(statement))
