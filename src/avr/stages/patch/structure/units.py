"""The named parts of a file: functions, methods, classes, and values that are assigned outside of functions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from avr.stages.patch.languages.interface import Definition, Form, Scope, Source, Statement, Token

_DECLARING = {"const", "let", "var"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A definition or an assigned value: statements `[first, last)`, named by its whole scope."""

    name: Scope
    first: int
    last: int
    kind: str
    """`class`, `function` or `value`; `block` for the statements under a head inside of a function."""
    lexical: Scope = ()
    """The scope as the text has it; empty where that is the name."""
    form: Form | None = None

    @property
    def written(self) -> Scope:
        """The scope as the text has it."""
        return self.lexical or self.name

    @property
    def home(self) -> Scope:
        """What it stands in, as the text has it."""
        return self.written[:-1]

    def lines(self, source: Source) -> tuple[int, int]:
        """The lines `[first, last)` it stands on, decorators included, trailing comments not."""
        return source.statements[self.first].first, source.statements[self.last - 1].last


def units(source: Source) -> list[Unit]:
    """Every unit of a file, outer ones before inner ones."""
    definitions = source.language.definitions(source)
    found = [*map(_defined, definitions), *_values(source, definitions)]
    return sorted(found, key=lambda each: (each.first, -each.last))


def _defined(each: Definition) -> Unit:
    kind = "class" if each.is_class else "function"
    return Unit(each.name, each.first, each.last, kind, each.lexical, each.form)


def head(source: Source, unit: Unit) -> int:
    """The statement that names the unit, behind its decorators; the one that a block stands under."""
    if unit.kind == "block":
        return unit.first - 1
    for index in range(unit.first, unit.last):
        if unit.name[-1] in source.statements[index].words:
            return index
    return unit.first


def ordinal(found: Sequence[Unit], unit: Unit) -> tuple[int, int]:
    """Which of the units of its name it is, and how many there are."""
    twins = [each for each in found if each.name == unit.name]
    return twins.index(unit), len(twins)


def bag(source: Source, unit: Unit) -> Counter[str]:
    """What a unit says: its tokens without operators and brackets, and how often each stands there."""
    shapes = [each.shape for each in source.statements[unit.first : unit.last]]
    pairs = (pair for each in shapes for pair in zip(each.kinds, each.norms, strict=True))
    return Counter([norm for kind, norm in pairs if kind != "op"])


def alike(one: Counter[str], two: Counter[str]) -> float:
    """Dice's coefficient of two bags, 0 to 1."""
    total = one.total() + two.total()
    return 2 * (one & two).total() / total if total else 0.0


def assigned(statement: Statement) -> str | None:
    """The one name that a statement assigns a value to; None where it is anything else."""
    tokens = statement.tokens
    at = _equals(tokens)
    if not at:
        return None
    names = [token.norm for token in tokens[:at]]
    if declared := next((index for index, word in enumerate(names) if word in _DECLARING), None):
        return names[declared + 1] if declared + 1 < at else None
    if names[0] in _DECLARING:
        return names[1] if at > 1 and tokens[1].kind == "name" else None
    if at > 1 and names[1] == ":":
        return names[0]
    plain = all(token.kind == "name" or token.norm in "<>[],?" for token in tokens[:at])
    return names[-1] if plain and tokens[at - 1].kind == "name" and "," not in names else None


def _equals(tokens: Sequence[Token]) -> int:
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind == "op" and token.norm in "([{":
            depth += 1
        elif token.kind == "op" and token.norm in ")]}":
            depth -= 1
        elif token.norm == "=" and not depth:
            return index
    return 0


def _values(source: Source, definitions: Sequence[Definition]) -> list[Unit]:
    found: list[Unit] = []
    todo = sorted(definitions, key=lambda each: (-each.first, each.last))
    around: list[Definition] = []
    statements = source.statements
    for index, statement in enumerate(statements):
        while around and around[-1].last <= index:
            around.pop()
        while todo and todo[-1].first <= index:
            around.append(todo.pop())
        if any(not each.is_class for each in around):
            continue
        name = assigned(statement)
        if name is None or (index + 1 < len(statements) and statements[index + 1].level > statement.level):
            continue
        scope, written = (around[-1].name, around[-1].lexical) if around else ((), ())
        found.append(Unit((*scope, name), index, index + 1, "value", (*written, name)))
    return found
