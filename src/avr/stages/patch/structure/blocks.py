"""Blocks: the statements inside of one compound statement, and the way that leads from their unit to them.

A block is known by what it says at which depth of its own, not by how deep it stands itself. What it runs under is its
chain: the compound statements around it, an `else` together with the conditions that it is the other side of.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from avr.stages.patch.languages.interface import Source, Statement
from avr.stages.patch.structure.units import Unit, head

Arm: TypeAlias = tuple[str, ...]
"""The head of a branch behind the heads of the branches in front of it: `if a:`, `else:`."""

TELLING = 4
"""Tokens that a statement must have for its being there to say anything."""
_GOES_ON = {"else", "elif", "except", "finally", "catch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The statements `[first, last)` under one head; `heads` are those around them, the unit's own left out."""

    first: int
    last: int
    heads: tuple[int, ...]
    chain: tuple[Arm, ...]
    says: Counter[str]

    @property
    def depth(self) -> int:
        """How deep it stands in its unit."""
        return len(self.heads)


def blocks(source: Source, unit: Unit) -> list[Block]:
    """Every block of a unit, its own body first."""
    statements, top = source.statements, head(source, unit)
    found: list[Block] = []
    around: list[int] = []
    for at in range(top, unit.last - 1):
        while around and statements[around[-1]].level >= statements[at].level:
            around.pop()
        if statements[at + 1].level > statements[at].level:
            around.append(at)
            found.append(_block(source, unit, tuple(around)))
    return found if around and found[0].first == top + 1 else []


def relative(source: Source, block: Block, at: int) -> str:
    """A statement of a block as it is compared: what it is, and how much deeper than the block it stands."""
    return _relative(source.statements[at], source.statements[block.first].level)


def leading(statement: Statement) -> str:
    """The word that tells what kind of statement it is."""
    words = [word for word in statement.words if word not in {"}", "async"}]
    return words[0] if words else ""


def _block(source: Source, unit: Unit, around: tuple[int, ...]) -> Block:
    statements, first = source.statements, around[-1] + 1
    level, last = statements[first].level, first
    while last < unit.last and statements[last].level > statements[around[-1]].level:
        last += 1
    inside = [at for at in range(first, last) if len(statements[at].words) >= TELLING]
    says = Counter(_relative(statements[at], level) for at in inside)
    chain = tuple(_arm(statements, at) for at in around[1:])
    return Block(first=first, last=last, heads=around[1:], chain=chain, says=says)


def _relative(statement: Statement, level: int) -> str:
    return f"{statement.level - level} {statement.shape.key}"


def _arm(statements: Sequence[Statement], at: int) -> Arm:
    keys = [statements[at].shape.key]
    while at and leading(statements[at]) in _GOES_ON:
        level, at = statements[at].level, at - 1
        while at and statements[at].level > level:
            at -= 1
        keys.append(statements[at].shape.key)
    return tuple(reversed(keys))
