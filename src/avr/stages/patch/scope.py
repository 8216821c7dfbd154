"""Which definition a line belongs to: the names of the classes and functions around it."""

import re
from collections.abc import Sequence
from typing import TypeAlias

Scope: TypeAlias = tuple[str, ...]
"""Names from the outermost definition to the innermost; empty at the top level and in languages not known here."""

_HEADER = re.compile(r"([ \t]*)(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_TAB = 8


def scopes(lines: Sequence[str], *, python: bool) -> list[Scope]:
    """The scope of every line; a `def` or `class` line is inside what it opens, a blank line follows the one above."""
    if not python:
        return [()] * len(lines)
    found: list[Scope] = []
    opened: list[tuple[int, str]] = []
    for line in lines:
        stripped = line.strip()
        if stripped and not stripped.startswith(("#", ")", "]", "}")):
            indent = len(line.expandtabs(_TAB)) - len(line.expandtabs(_TAB).lstrip())
            while opened and opened[-1][0] >= indent:
                opened.pop()
            if header := _HEADER.match(line):
                opened.append((indent, header.group(2)))
        found.append(tuple(name for _, name in opened))
    return found
