"""A block of a unit that stands at another depth in the pin: which one it is, and whether it runs as it does upstream.

Upstream wrapped code in a loop, a guard or a `try`, or took it out of one: statements of one depth then have nothing to
be compared with. The block is found by what it says, and what leads to it on one side only must turn nothing round.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from avr.stages.patch.change import Refusal
from avr.stages.patch.languages.interface import Source, Statement
from avr.stages.patch.structure.blocks import Block, blocks, leading, relative
from avr.stages.patch.structure.names import LEAVING, WORDS
from avr.stages.patch.structure.sides import parent
from avr.stages.patch.structure.units import Unit, alike
from avr.tools.diff import edits

_ALIKE = 0.5
"""The share of telling statements that a block and its counterpart have in common."""
_AHEAD = 0.15
"""How much more alike than any other pair of blocks the two must be."""
_COMMON = 3
"""Telling statements that they must have in common."""
_RELATED = 0.5
"""The share of words that two conditions about the same thing have in common."""
LOOPS = frozenset({"for", "while", "do"})
TRIES = frozenset({"try"})
_PASSED = LOOPS | TRIES | {"if", "with", "using", "synchronized", "{"}
"""What may lead to a block on one side only."""
_CONDITIONS = {"if", "while"}
_ASKING = _CONDITIONS | {"elif", "else", "unless"}
_NOT, _OPENING, _CLOSING = {"!", "not"}, {"(", "[", "{"}, {")", "]", "}"}
_COMPOUND = {"and", "or", "&&", "||", "?", "else"}
_OPPOSITES = {"!=": "==", "!==": "==="}


@dataclass(frozen=True, slots=True)
class Turned:
    """A counterpart that is not reached as upstream's block is."""

    reason: str


class Depths:
    """The blocks of one unit on both sides."""

    def __init__(self, base: Source, here: Unit, pin: Source, there: Unit) -> None:
        """`here` is upstream's unit before the fix, `there` its counterpart in the pin."""
        self._base, self._here, self._pin, self._there = base, here, pin, there
        self.blocks, self._candidates = blocks(base, here), blocks(pin, there)

    def find(self, block: Block) -> Block | Turned | Refusal | None:
        """The block's counterpart; None where nothing is much like it or it stands at the same depth."""
        scored = sorted(self._scores(block), key=lambda each: -each[0])
        if not scored or scored[0][0] < _ALIKE:
            return None
        score, best = scored[0]
        if best.depth == block.depth or (best.says & block.says).total() < _COMMON:
            return None
        rivals = [scored[1][0]] if len(scored) > 1 else []
        rivals += [alike(each.says, best.says) for each in self.blocks if each != block]
        if max(rivals, default=0.0) > score - _AHEAD:
            return Refusal(reason="the block around the change has two counterparts at other depths")
        return self._turned(block, best) or best

    def one_sided(self, block: Block, found: Block) -> tuple[list[int], list[int]]:
        """The heads that lead to the block on one side only: upstream's, then the pin's."""
        gone: list[int] = []
        come: list[int] = []
        for each in edits(block.chain, found.chain):
            gone += block.heads[each.a0 : each.a1]
            come += found.heads[each.b0 : each.b1]
        return gone, come

    def _scores(self, block: Block) -> Iterator[tuple[float, Block]]:
        for each in self._candidates:
            yield alike(block.says, each.says), each

    def _turned(self, block: Block, found: Block) -> Turned | None:
        """A refusal where what leads to the block on one side only changes when it runs, as far as can be seen."""
        gone, come = self.one_sided(block, found)
        mine, ours = self._base.statements, self._pin.statements
        kinds = [[leading(side[at]) for at in heads] for side, heads in ((mine, gone), (ours, come))]
        if not set(kinds[0] + kinds[1]) <= _PASSED:
            return Turned(reason="another branch leads to the block in the pin")
        if _CONDITIONS & set(kinds[0]) and _CONDITIONS & set(kinds[1]):
            return Turned(reason="the block runs under another condition in the pin")
        sides = (mine, gone, block, self._pin, self._there, found), (ours, come, found, self._base, self._here, block)
        if any(_contradicted(*each) for each in sides):
            return Turned(reason="the condition that the block runs under may have been turned round")
        return None


def _contradicted(
    mine: Sequence[Statement], heads: Sequence[int], block: Block, other: Source, unit: Unit, twin: Block
) -> bool:
    """Whether a condition on one side only is heard of on the other, but not in the guard that says the same."""
    conditions = [mine[at] for at in heads if leading(mine[at]) in _CONDITIONS]
    common = {at for at in range(twin.first, twin.last) if relative(other, twin, at) in block.says}
    start = min(common, default=twin.first)
    asked = (at for at in range(unit.first, unit.last) if leading(other.statements[at]) in _ASKING and at not in common)
    return any(
        _related(each, other.statements[at]) and not _guards(each, other.statements, at, (*twin.heads, start))
        for at in asked
        for each in conditions
    )


def _related(one: Statement, two: Statement) -> bool:
    return alike(_says(one), _says(two)) >= _RELATED


def _says(statement: Statement) -> Counter[str]:
    return Counter(each.norm for each in statement.tokens if each.kind != "op" and each.norm not in WORDS)


def _guards(condition: Statement, others: Sequence[Statement], at: int, way: Sequence[int]) -> bool:
    """Whether the statement leaves, in front of the block that `way` leads to, where the condition does not hold."""
    (one, odd), (two, even) = _polarity(condition), _polarity(others[at])
    beside = parent(others, at) in {parent(others, each) for each in way}
    return beside and one == two and odd != even and not _COMPOUND & set(one) and _left(others, at, way[-1])


def _left(statements: Sequence[Statement], at: int, end: int) -> bool:
    """Whether a branch ends by leaving what it stands in."""
    body = list(takewhile(lambda index: statements[index].level > statements[at].level, range(at + 1, end)))
    last = statements[body[-1]] if body else None
    return leading(last) in LEAVING if last else bool(LEAVING & set(statements[at].words))


def _polarity(statement: Statement) -> tuple[list[str], bool]:
    """A condition without its negations and brackets, and whether their number is odd; arguments of calls stay."""
    plain: list[str] = []
    odd, calls = False, [False]
    for before, token in pairwise((None, *takewhile(lambda each: each.norm not in LEAVING, statement.tokens))):
        assert token is not None
        called = before is not None and (before.kind == "name" or before.norm in _CLOSING) and before.norm not in WORDS
        if token.norm in _OPENING:
            calls.append(calls[-1] or called)
        negates = not calls[-1] and (token.norm in _NOT or token.norm in _OPPOSITES)
        odd ^= negates
        if calls[-1] or token.norm not in _OPENING | _CLOSING | _NOT:
            plain.append(_OPPOSITES.get(token.norm, token.norm) if negates else token.norm)
        if token.norm in _CLOSING and len(calls) > 1:
            calls.pop()
    return plain, odd
