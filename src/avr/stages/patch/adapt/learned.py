"""Which names upstream and the pin call differently, learned by laying the two files side by side.

A pair counts where two statements say the same but for that name. It is believed when two places say so, or one
place and the imports or definitions of the two files; when nothing contradicts it; and when the pin never uses
upstream's name.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from keyword import iskeyword

from avr.stages.patch.adapt.translate import Dialect
from avr.stages.patch.adapt.words import bindings
from avr.stages.patch.languages.interface import Definition, Source, Statement
from avr.tools.diff import edits

_ENOUGH = 2
_RESERVED = frozenset({"let", "var", "const", "this", "super", "function", "new", "typeof", "void", "self", "cls"})
_MOST = 4000
"""Statements beyond which two files are not compared."""


def learn(theirs: Source, ours: Source) -> Dialect:
    """The names that the whole of ours calls differently."""
    if max(len(theirs.statements), len(ours.statements)) > _MOST:
        return {}
    return _believed(theirs, ours, theirs.statements, ours.statements)


def learn_inside(theirs: Source, ours: Source, line: int) -> Dialect:
    """The names that the definition around a line of theirs calls differently from the one of that name in ours."""
    one = _innermost(theirs, line)
    same = [each for each in ours.language.definitions(ours) if one and each.name[-1] == one.name[-1]]
    if one is None or len(same) != 1:
        return {}
    two = same[0]
    return _believed(theirs, ours, theirs.statements[one.first : one.last], ours.statements[two.first : two.last])


def _innermost(source: Source, line: int) -> Definition | None:
    around = [
        each
        for each in source.language.definitions(source)
        if source.statements[each.first].first <= line < source.statements[each.last - 1].last and not each.is_class
    ]
    return around[-1] if around else None


def _believed(theirs: Source, ours: Source, one: Sequence[Statement], two: Sequence[Statement]) -> Dialect:
    votes: Counter[tuple[str, str]] = Counter()
    for left, right in _alike(one, two):
        votes.update(set(_differences(left, right)))
    here, there = _names(two), _names(one)
    bound, known = bindings(theirs), bindings(ours)
    options: dict[str, set[str]] = defaultdict(set)
    for (old, new), count in votes.items():
        told = old in bound and old not in known and new in known and new not in bound
        if old not in here and count + told >= _ENOUGH:
            options[old].add(new)
    clear = {old: next(iter(new)) for old, new in options.items() if len(new) == 1}
    contested = {old for old, _ in votes if len({b for a, b in votes if a == old}) > 1}
    taken = Counter(clear.values())
    return {(a,): b for a, b in clear.items() if a not in contested and taken[b] == 1 and _is_free(b, there, votes)}


def _is_free(new: str, there: set[str], votes: Counter[tuple[str, str]]) -> bool:
    """Whether upstream uses the pin's name for nothing else, as far as the statements show."""
    return new not in there or any(old == new for old, _ in votes)


def _alike(one: Sequence[Statement], two: Sequence[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Statements of a drifted stretch that are equal but for names, each with the only one it can be."""
    for edit in edits([each.key for each in one], [each.key for each in two]):
        left, right = one[edit.a0 : edit.a1], two[edit.b0 : edit.b1]
        masks, others = [_masked(each) for each in left], [_masked(each) for each in right]
        for mask, statement in zip(masks, left, strict=True):
            if masks.count(mask) == others.count(mask) == 1:
                yield statement, right[others.index(mask)]


def _masked(statement: Statement) -> tuple[str, ...]:
    pairs = zip(statement.shape.kinds, statement.words, strict=True)
    return tuple(["" if kind == "name" else norm for kind, norm in pairs])


def _differences(one: Statement, two: Statement) -> Iterator[tuple[str, str]]:
    """The names that differ; none where nearly everything does."""
    pairs = [(a, b) for a, b in zip(one.words, two.words, strict=True) if a != b]
    names = one.shape.kinds.count("name")
    if len(set(pairs)) <= max(1, names // 3):
        yield from (pair for pair in pairs if all(map(_is_name, pair)))


def _is_name(word: str) -> bool:
    return word.isidentifier() and not iskeyword(word) and word not in _RESERVED


def _names(statements: Sequence[Statement]) -> set[str]:
    pairs = (pair for each in statements for pair in zip(each.shape.kinds, each.words, strict=True))
    return {norm for kind, norm in pairs if kind == "name"}
