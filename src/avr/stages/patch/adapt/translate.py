"""Names of upstream's file exchanged for those that the pin uses, line by line: edits keep their numbers."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from avr.stages.patch.languages.interface import Language, Source
from avr.stages.patch.text import Text

Dialect = Mapping[tuple[str, ...], str]
"""Runs of tokens, such as `("six", ".", "text_type")`, and what the pin writes instead."""


def translated(text: Text, language: Language, dialect: Dialect, among: AbstractSet[int] | None = None) -> Text:
    """The text in the pin's dialect; `among` are the lines that may change, None for all. Lines stay lines."""
    source = language.read(text.lines)
    if source is None or not dialect:
        return text
    lines = list(text.lines)
    for line, start, end, new in reversed(_found(source, dialect)):
        if among is None or line in among:
            lines[line] = lines[line][:start] + new + lines[line][end:]
    return Text(lines=tuple(lines), ends=text.ends, bom=text.bom)


def _found(source: Source, dialect: Dialect) -> list[tuple[int, int, int, str]]:
    """Line, first and last column, and the new text of every run, in order; runs over several lines are left alone."""
    found: list[tuple[int, int, int, str]] = []
    longest = max(len(each) for each in dialect)
    heads = {each[0] for each in dialect}
    for statement in source.statements:
        if heads.isdisjoint(statement.words):
            continue
        tokens = statement.tokens
        at = 0
        while at < len(tokens):
            run = 1
            attribute = at > 0 and tokens[at - 1].norm == "."
            if tokens[at].norm in heads and tokens[at].kind == "name" and not attribute:
                for size in range(min(longest, len(tokens) - at), 0, -1):
                    new = dialect.get(tuple(each.norm for each in tokens[at : at + size]))
                    start, end = tokens[at].start, tokens[at + size - 1].end
                    if new is not None and "\n" not in source.text[start:end]:
                        line = statement.first + source.text.count("\n", statement.tokens[0].start, start)
                        column = start - (source.text.rfind("\n", 0, start) + 1)
                        found.append((line, column, column + end - start, new))
                        run = size
                        break
            at += run
    return found
