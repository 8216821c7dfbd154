"""Which statement of the pin's unit is which of upstream's: equal ones first, drifted ones by what they share.

A diff of statements says what is equal. In each stretch that differs, statements of the same depth are paired in order,
so that the pairs are as alike as possible in all; a pair with a rival nearly as good is not one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from avr.stages.patch.languages.interface import Source, Statement
from avr.tools.diff import edits

Range = tuple[int, int]
_PAIR = 0.5
"""Share of tokens that the two statements of a pair have in common."""
_UNLIKE = 0.75
"""The same where they do not even begin alike."""
_RIVAL = 0.1
_LONGEST = 40
"""Statements of a differing stretch beyond which nothing in it is paired."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """`to_ours` maps statements of base to those of ours; `exact` are the ones that are equal."""

    to_ours: dict[int, int]
    exact: frozenset[int]


def align(base: Source, ours: Source, here: Range, there: Range, head: tuple[int, int]) -> Alignment:
    """Align two ranges of statements; `head` is a pair that is known."""
    exact = dict(_equal(base, ours, here, there))
    exact.pop(head[0], None)
    known = {at: to for at, to in exact.items() if (at < head[0]) == (to < head[1]) and to != head[1]}
    if base.keys[head[0]] == ours.keys[head[1]]:
        exact[head[0]] = known[head[0]] = head[1]
    drifted = {head[0]: head[1]}
    marks = sorted((known | drifted).items())
    bounds = [(here[0] - 1, there[0] - 1), *marks, (here[1], there[1])]
    for (a, b), (c, d) in pairwise(bounds):
        drifted |= pairs(base, ours, (a + 1, c), (b + 1, d))
    lead = head[0] + 1, head[1] + 1
    if (
        lead[0] < here[1]
        and lead[1] < there[1]
        and _prose(base.statements[lead[0]])
        and _prose(ours.statements[lead[1]])
    ):
        drifted[lead[0]] = lead[1]
    return Alignment(drifted | known, _exact(base, ours, known))


def _prose(statement: Statement) -> bool:
    """Whether it is a lone string: a docstring, where it comes first."""
    return all(kind == "string" for kind in statement.shape.kinds)


def _exact(base: Source, ours: Source, known: dict[int, int]) -> frozenset[int]:
    return frozenset(at for at in known if base.keys[at] == ours.keys[known[at]])


def pairs(base: Source, ours: Source, here: Range, there: Range) -> dict[int, int]:
    """The drifted statements of two stretches that can be told to be the same, in order."""
    rows, columns = range(*here), range(*there)
    if not rows or not columns or max(len(rows), len(columns)) > _LONGEST:
        return {}
    scores = [[likeness(base.statements[i], ours.statements[j]) for j in columns] for i in rows]
    found = _monotone(scores)
    return {rows[i]: columns[j] for i, j in found if _alone(scores, i, j)}


def likeness(one: Statement, two: Statement) -> float:
    """How alike two statements of the same depth are, 0 to 1; 0 where they are too different to be a pair."""
    if one.level != two.level:
        return 0.0
    score = shared(one, two)
    begins = one.words[0] == two.words[0]
    return score if score >= (_PAIR if begins else _UNLIKE) else 0.0


def shared(one: Statement, two: Statement) -> float:
    """The share of tokens that two statements have in common, in order."""
    left, right = list(one.words), list(two.words)
    gone = sum(each.a1 - each.a0 for each in edits(left, right))
    return 2 * (len(left) - gone) / (len(left) + len(right))


def _equal(base: Source, ours: Source, here: Range, there: Range) -> Iterator[tuple[int, int]]:
    at, to = here[0], there[0]
    for each in edits(base.keys[here[0] : here[1]], ours.keys[there[0] : there[1]]):
        while at < here[0] + each.a0:
            yield at, to
            at, to = at + 1, to + 1
        at, to = here[0] + each.a1, there[0] + each.b1
    while at < here[1]:
        yield at, to
        at, to = at + 1, to + 1


def _monotone(scores: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs, in order on both sides, with the greatest sum of scores."""
    height, width = len(scores), len(scores[0])
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for i in range(height - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            taken = best[i + 1][j + 1] + scores[i][j] if scores[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], taken)
    found, i, j = [], 0, 0
    while i < height and j < width:
        if scores[i][j] and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _alone(scores: Sequence[Sequence[float]], i: int, j: int) -> bool:
    rivals = [scores[i][k] for k in range(len(scores[0])) if k != j] + [
        scores[k][j] for k in range(len(scores)) if k != i
    ]
    return max(rivals, default=0.0) <= scores[i][j] - _RIVAL
