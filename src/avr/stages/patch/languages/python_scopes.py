"""Python's definitions: which ones a file has, and which of them a line belongs to."""

import re
from collections.abc import Sequence

from avr.stages.patch.languages.interface import Definition, Scope, Statement

_HEADER = re.compile(r"([ \t]*)(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_DEFINING = frozenset({"def", "class", "async"})
_TAB = 8


def scopes(lines: Sequence[str]) -> list[Scope]:
    """The scope of every line; a `def` or `class` line is inside what it opens, a blank line follows the one above."""
    found: list[Scope] = []
    opened: list[tuple[int, str]] = []
    scope: Scope = ()
    for line in lines:
        stripped = line.lstrip()
        if stripped and stripped[0] not in "#)]}":
            indent = len(line) - len(stripped)
            if indent and "\t" in line[:indent]:
                indent = len(line[:indent].expandtabs(_TAB))
            while opened and opened[-1][0] >= indent:
                opened.pop()
                scope = tuple([name for _, name in opened])
            if stripped[0] in "dca" and (header := _HEADER.match(line)):
                opened.append((indent, header.group(2)))
                scope = tuple([name for _, name in opened])
        found.append(scope)
    return found


def definitions(statements: Sequence[Statement]) -> list[Definition]:
    """Every definition of a file, in order; nested ones too."""
    found: list[Definition] = []
    names: list[tuple[int, str]] = []
    decorators = 0
    for index, statement in enumerate(statements):
        words = statement.shape.norms
        if words[0] == "@":
            decorators += 1
            continue
        while names and names[-1][0] >= statement.level:
            names.pop()
        if words[0] not in _DEFINING:
            decorators = 0
            continue
        words = words[1:3] if words[0] == "async" else words
        if len(words) > 1 and words[0] in {"def", "class"}:
            names.append((statement.level, words[1]))
            end = _end(statements, index)
            name = tuple(each for _, each in names)
            found.append(Definition(name, index - decorators, end, words[0] == "class"))
        decorators = 0
    return found


def _end(statements: Sequence[Statement], index: int) -> int:
    end = index + 1
    while end < len(statements) and statements[end].level > statements[index].level:
        end += 1
    return end
