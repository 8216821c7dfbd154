"""The difference of two sequences as the smallest readable set of edits."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, count
from typing import NamedTuple

_MYERS_LIMIT = 600
"""How many insertions and deletions Myers' algorithm may look for before a stretch counts as replaced whole."""
_BLOCK = 64


class Edit(NamedTuple):
    """Elements `[a0, a1)` of the old sequence become `[b0, b1)` of the new one; either may be empty, never both.

    A tuple, because old branches differ in many places.
    """

    a0: int
    a1: int
    b0: int
    b1: int


def edits(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[Edit, ...]:
    """The edits that turn `old` into `new`, in order, with at least one common element between any two.

    Pure insertions and deletions are slid towards the end as far as they go, so that the same change is found at the
    same place whatever surrounds it.
    """
    if isinstance(old, tuple) and isinstance(new, tuple):
        return _remembered(old, new)
    return _found(old, new)


@lru_cache(maxsize=32)
def _remembered(old: tuple[Hashable, ...], new: tuple[Hashable, ...]) -> tuple[Edit, ...]:
    """The same few versions of a file are compared again and again."""
    return _found(old, new)


def _found(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[Edit, ...]:
    start = _alike(old, new, min(len(old), len(new)))
    end = _alike(old[::-1], new[::-1], min(len(old), len(new)) - start)
    a, b = _numbered(old[start : len(old) - end], new[start : len(new) - end])
    moved = sorted((a0 + start, a1 + start, b0 + start, b1 + start) for a0, a1, b0, b1 in _raw(a, b))
    return tuple(_joined(_slid(_joined(moved), old, new)))


def _alike(one: Sequence[Hashable], two: Sequence[Hashable], most: int) -> int:
    """How many elements are the same from the start, `most` at most; looked at in blocks, which is fast."""
    at = 0
    while at < most and one[at : at + _BLOCK] == two[at : at + _BLOCK]:
        at += _BLOCK
    while at < most and one[at] == two[at]:
        at += 1
    return min(at, most)


def _numbered(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    numbers = dict(zip(dict.fromkeys(chain(old, new)), count(), strict=False))
    return list(map(numbers.__getitem__, old)), list(map(numbers.__getitem__, new))


def _raw(a: list[int], b: list[int]) -> Iterator[tuple[int, int, int, int]]:
    todo = [(0, len(a), 0, len(b))]
    while todo:
        a0, a1, b0, b1 = _trimmed(a, b, *todo.pop())
        if a0 == a1 or b0 == b1:
            if (a0, b0) != (a1, b1):
                yield a0, a1, b0, b1
            continue
        if a1 - a0 == 1 == b1 - b0:
            yield a0, a1, b0, b1
            continue
        anchors = _anchors(a, b, a0, a1, b0, b1)
        if not anchors:
            yield from _myers(a, b, a0, a1, b0, b1)
            continue
        for i, j in anchors:
            if i > a0 or j > b0:
                todo.append((a0, i, b0, j))
            a0, b0 = i + 1, j + 1
        todo.append((a0, a1, b0, b1))


def _trimmed(a: list[int], b: list[int], a0: int, a1: int, b0: int, b1: int) -> tuple[int, int, int, int]:
    while a0 < a1 and b0 < b1 and a[a0] == b[b0]:
        a0, b0 = a0 + 1, b0 + 1
    while a0 < a1 and b0 < b1 and a[a1 - 1] == b[b1 - 1]:
        a1, b1 = a1 - 1, b1 - 1
    return a0, a1, b0, b1


def _anchors(a: list[int], b: list[int], a0: int, a1: int, b0: int, b1: int) -> list[tuple[int, int]]:
    """The longest increasing run of elements that are unique on both sides."""
    here, there = _unique(a, a0, a1), _unique(b, b0, b1)
    pairs = [(i, there[each]) for each, i in here.items() if each in there]
    if len(pairs) < 2 or all(map(_before, pairs, pairs[1:])):
        return pairs
    tails: list[int] = []
    tail_at: list[int] = []
    previous = [-1] * len(pairs)
    for index, (_, j) in enumerate(pairs):
        depth = bisect_left(tails, j)
        previous[index] = tail_at[depth - 1] if depth else -1
        tails[depth : depth + 1] = [j]
        tail_at[depth : depth + 1] = [index]
    chain: list[tuple[int, int]] = []
    at = tail_at[-1] if tail_at else -1
    while at >= 0:
        chain.append(pairs[at])
        at = previous[at]
    return chain[::-1]


def _before(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[1] < other[1]


def _unique(side: list[int], start: int, end: int) -> dict[int, int]:
    """Where the elements stand that stand there once only, in order."""
    held = side[start:end]
    last = dict(zip(held, range(start, end), strict=True))
    if len(last) == len(held):
        return last
    first = dict(zip(held[::-1], range(end - 1, start - 1, -1), strict=True))
    return {each: at for each, at in last.items() if first[each] == at}


def _myers(a: list[int], b: list[int], a0: int, a1: int, b0: int, b1: int) -> Iterator[tuple[int, int, int, int]]:
    """The edits of a stretch without anchors; one that differs too much is one edit.

    What stands on one side alone is in no match: Myers' algorithm is given the rest.
    """
    here, there = set(a[a0:a1]), set(b[b0:b1])
    if here.isdisjoint(there):
        yield a0, a1, b0, b1
        return
    mine, theirs = [i for i in range(a0, a1) if a[i] in there], [j for j in range(b0, b1) if b[j] in here]
    lonely = a1 - a0 - len(mine) + b1 - b0 - len(theirs)
    most = min(a1 - a0 + b1 - b0, _MYERS_LIMIT) - lonely
    one, other = [a[i] for i in mine], [b[j] for j in theirs]
    if most < 0 or (len(one) + len(other) > most and len(one) + len(other) - 2 * _common(one, other) > most):
        yield a0, a1, b0, b1
        return
    for x, y in _matches(one, other, most):
        i, j = mine[x], theirs[y]
        if i > a0 or j > b0:
            yield a0, i, b0, j
        a0, b0 = i + 1, j + 1
    if a1 > a0 or b1 > b0:
        yield a0, a1, b0, b1


def _matches(one: list[int], other: list[int], most: int) -> list[tuple[int, int]]:
    """The pairs of a longest common run by Myers' greedy algorithm; none where it takes more than `most` steps.

    `best[zero + k]` is how far diagonal `k` got; the trace keeps what each round had found around the zeroth one.
    """
    n, m = len(one), len(other)
    zero = most + 1
    best = [0] * (2 * zero + 1)
    trace: list[list[int]] = []
    for depth in range(most + 1):
        trace.append(best[zero - depth - 1 : zero + depth + 2])
        for k in range(-depth, depth + 1, 2):
            above, below = best[zero + k + 1], best[zero + k - 1]
            x = above if k == -depth or (k != depth and below < above) else below + 1
            y = x - k
            while x < n and 0 <= y < m and one[x] == other[y]:
                x, y = x + 1, y + 1
            best[zero + k] = x
            if x >= n and y >= m:
                return _traced(trace, n, m)
    return []


def _common(one: list[int], other: list[int]) -> int:
    """How many elements are on both sides, in whatever order."""
    return (Counter(one) & Counter(other)).total()


def _traced(trace: list[list[int]], x: int, y: int) -> list[tuple[int, int]]:
    """The matches on the way back from (x, y), in order."""
    found: list[tuple[int, int]] = []
    for depth in range(len(trace) - 1, 0, -1):
        best, k = trace[depth], x - y
        at = depth + 1 + k
        down = k == -depth or (k != depth and best[at - 1] < best[at + 1])
        was = k + 1 if down else k - 1
        start = best[depth + 1 + was] + (not down)
        found += zip(range(x - 1, start - 1, -1), range(y - 1, start - k - 1, -1), strict=True)
        x = start - (not down)
        y = x - was
    found += zip(range(x - 1, -1, -1), range(y - 1, -1, -1), strict=True)
    return found[::-1]


def _joined(parts: Sequence[tuple[int, int, int, int]] | Iterator[Edit]) -> list[Edit]:  # touching edits become one
    joined: list[Edit] = []
    for part in parts:
        each = part if isinstance(part, Edit) else Edit(*part)
        last = joined[-1] if joined else None
        if last and last.a1 == each.a0 and last.b1 == each.b0:
            joined[-1] = Edit(last.a0, each.a1, last.b0, each.b1)
        else:
            joined.append(each)
    return joined


def _slid(found: list[Edit], a: Sequence[Hashable], b: Sequence[Hashable]) -> Iterator[Edit]:
    for index, each in enumerate(found):
        a_end, b_end = (found[index + 1].a0, found[index + 1].b0) if index + 1 < len(found) else (len(a), len(b))
        a0, a1, b0, b1 = each.a0, each.a1, each.b0, each.b1
        side, start, end = (a, a0, a1) if b0 == b1 else (b, b0, b1)
        steps = 0
        if a0 == a1 or b0 == b1:
            while a1 + steps < a_end and b1 + steps < b_end and side[start + steps] == side[end + steps]:
                steps += 1
        yield Edit(a0 + steps, a1 + steps, b0 + steps, b1 + steps)
