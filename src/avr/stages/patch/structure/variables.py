"""`const` and `let` of a fix as the `var` of a pin whose file knows neither.

A `var` belongs to its function and not to its block, so only a name is declared so that nothing else there bears, and
that no function in a loop could keep. Lines stay lines.
"""

from collections.abc import Iterator
from dataclasses import replace

from avr.stages.patch.change import Upstream
from avr.stages.patch.languages import read
from avr.stages.patch.languages.interface import Source, Statement
from avr.stages.patch.structure.sides import parent
from avr.stages.patch.text import Text

_BLOCK = frozenset({"const", "let"})
_LOOPS = frozenset({"for", "while", "do"})
_KEEPING = frozenset({"function", "=>"})


def with_var(upstream: Upstream, pin: Source) -> Upstream:
    """The change with `var` where the pin's file has nothing else and it makes no difference."""
    used = {word for each in pin.statements for word in each.words}
    said = {each.words for each in pin.statements}
    before, after = (read(upstream.language, text.lines) for text in (upstream.before, upstream.after))
    if used & _BLOCK or "var" not in used or before is None or after is None:
        return upstream
    new = {line for each in upstream.edits for line in range(each.b0, each.b1)}
    kept = {at for at in range(len(after.statements)) if not _is_free(after, at, new, before, used, said)}
    return replace(
        upstream, before=_written(upstream.before, before, set()), after=_written(upstream.after, after, kept)
    )


def _is_free(after: Source, at: int, new: set[int], before: Source, used: set[str], said: set[tuple[str, ...]]) -> bool:
    """Whether what an added statement declares may as well be a `var`."""
    statement = after.statements[at]
    names = [statement.words[index + 1] for index in _declaring(statement)]
    if not names or new.isdisjoint(range(statement.first, statement.last)):
        return True
    known = {name for each in before.statements for name in _declared(each)}
    everywhere = [name for each in after.statements for name in _declared(each)]
    known |= set(names) if _with_var(statement) in said else set()
    if any(everywhere.count(name) > 1 or (name in used and name not in known) for name in names):
        return False
    alone = all(name.isidentifier() for name in names) and "," not in statement.words
    return alone and not _in_a_loop_with_functions(after, at)


def _in_a_loop_with_functions(source: Source, at: int) -> bool:
    while at >= 0:
        if _LOOPS & set(source.statements[at].words[:1]) and _KEEPING & _block(source, at):
            return True
        at = parent(source.statements, at)
    return False


def _block(source: Source, at: int) -> set[str]:
    """The words of a statement and of all that stands in it."""
    end = at + 1
    while end < len(source.statements) and source.statements[end].level > source.statements[at].level:
        end += 1
    return {word for each in source.statements[at:end] for word in each.words}


def _declaring(statement: Statement) -> Iterator[int]:
    """Where a statement says `const` or `let`: first of all, behind `export`, or in the head of a loop."""
    words, kinds = statement.words, statement.shape.kinds
    for at in range(len(words) - 1):
        begins = at == 0 or words[at - 1] in {"(", "export", "{", ";"}
        if words[at] in _BLOCK and kinds[at] == "name" and begins:
            yield at


def _with_var(statement: Statement) -> tuple[str, ...]:
    places = set(_declaring(statement))
    return tuple("var" if at in places else word for at, word in enumerate(statement.words))


def _declared(statement: Statement) -> Iterator[str]:
    words = statement.words
    for at in range(len(words) - 1):
        if words[at] in {*_BLOCK, "var", "function"}:
            yield words[at + 1]


def _written(text: Text, source: Source, kept: set[int]) -> Text:
    lines = list(text.lines)
    for number, statement in reversed(list(enumerate(source.statements))):
        for at in reversed(list(_declaring(statement)) if number not in kept else []):
            token = statement.tokens[at]
            line = source.text.count("\n", 0, token.start)
            column = token.start - source.text.rfind("\n", 0, token.start) - 1
            lines[line] = f"{lines[line][:column]}var{lines[line][column + len(token.norm) :]}"
    return replace(text, lines=tuple(lines))
