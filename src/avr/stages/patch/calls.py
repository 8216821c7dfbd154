"""Calls that a fix replaces: the pin's own arguments were meant for what was called before.

Tokens merge clean where the fix puts another name in front of the bracket and the pin has one more argument behind it;
what comes out calls the new function with what only the old one takes.
"""

from collections.abc import Sequence

from avr.stages.patch.languages.interface import Statement
from avr.stages.patch.structure.names import WORDS


def other_call(base: Sequence[Statement], theirs: Sequence[Statement], ours: Sequence[Statement]) -> bool:
    """Whether a call that the fix replaces has other arguments in the pin than upstream."""
    old, new, mine = (
        {name: args for each in side for name, args in calls(each).items()} for side in (base, theirs, ours)
    )
    gone = old.keys() - new.keys() if new.keys() - old.keys() else set()
    return any(name in mine and mine[name] != old[name] for name in gone)


def calls(statement: Statement) -> dict[str, tuple[str, ...]]:
    """What a statement calls, by the last name in front of the bracket, and the tokens of the arguments."""
    words = statement.words
    found: dict[str, tuple[str, ...]] = {}
    for index, (kind, word) in enumerate(zip(statement.shape.kinds[:-1], words[:-1], strict=True)):
        if kind == "name" and word not in WORDS and words[index + 1] == "(":
            depth, end = 1, index + 2
            while end < len(words) and depth:
                depth += (words[end] == "(") - (words[end] == ")")
                end += 1
            found[word] = words[index + 2 : end - 1]
    return found
