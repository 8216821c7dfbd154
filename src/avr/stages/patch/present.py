"""Is the change there already? Asked before a merge could make it twice, and again when no rung finds a place.

Two questions. Do the added statements stand, one after the other, in the same definition, and not the removed ones?
And, as `git apply --reverse --check` asks: could the fix be taken back out of the pin?
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from avr.model.backport import Rung
from avr.stages.patch.change import Placement, Present, Refusal, Upstream, Verdict
from avr.stages.patch.exact import places
from avr.stages.patch.imports import all_imports, imports_of
from avr.stages.patch.languages import read
from avr.stages.patch.languages.interface import Language, Scope, Source, Statement
from avr.stages.patch.merge import place_merged
from avr.stages.patch.text import Text
from avr.stages.patch.tokenwise import place_tokens
from avr.tools.diff import Edit

_TELLING = 4
"""Tokens that added statements must have in all for their being there to prove anything."""
_LETTERS = 8
"""Letters and digits that added lines must have for taking them out to prove anything."""
_ABSENT = Refusal(reason="")


@dataclass(frozen=True, slots=True)
class _Side:
    """A file's statements with their scopes."""

    source: Source
    scopes: list[Scope]

    @classmethod
    def of(cls, language: Language | None, text: Text) -> "_Side | None":
        source = read(language, text.lines)
        return cls(source, source.language.scopes(text.lines)) if source else None

    def between(self, first: int, last: int) -> list[int]:
        """The statements that stand on any of the lines `[first, last)`."""
        statements = self.source.statements
        start = bisect_right(statements, first, key=lambda each: each.last)
        return list(range(start, bisect_left(statements, last, key=lambda each: each.first)))

    def holds(self, keys: Sequence[str]) -> bool:
        """Whether the first of the statements stands anywhere."""
        return keys[0] in self.source.keys

    def count(self, keys: Sequence[str], scope: Scope) -> int:
        """How often the statements stand in a row in the scope."""
        starts = places(tuple(keys), self.source.keys)
        return sum(self.scopes[self.source.statements[at].first] == scope for at in starts)


def find_added(upstream: Upstream, pin: Text) -> list[Verdict]:
    """Present where the added statements are in place; a final refusal where that is likely but not certain."""
    nothing: list[Verdict] = [_ABSENT] * len(upstream.edits)
    before, after, ours = (_Side.of(upstream.language, text) for text in (upstream.before, upstream.after, pin))
    if before is None or after is None or ours is None:
        return nothing
    return [_added(before, after, ours, edit) for edit in upstream.edits]


def find_reversible(upstream: Upstream, pin: Text) -> list[Verdict]:
    """Present where the fix could be taken back out of the pin."""
    swapped = tuple(Edit(each.b0, each.b1, each.a0, each.a1) for each in upstream.edits)
    backwards = Upstream(before=upstream.after, after=upstream.before, edits=swapped, path=upstream.path)
    merged, woven = place_merged(backwards, pin), place_tokens(backwards, pin)
    return [
        _reversible(upstream, edit, (one, two)) for edit, one, two in zip(upstream.edits, merged, woven, strict=True)
    ]


def _added(before: _Side, after: _Side, ours: _Side, edit: Edit) -> Verdict:
    come, gone = after.between(edit.b0, edit.b1), before.between(edit.a0, edit.a1)
    if not come:
        return _ABSENT
    statements = [after.source.statements[index] for index in come]
    language = ours.source.language
    if wanted := all_imports(language, statements):
        there = wanted <= imports_of(ours.source)
        plain = len(wanted) == sum(1 for each in statements for _ in language.imports(each))
        dropped = all_imports(language, [before.source.statements[index] for index in gone]) - wanted
        alone = all(language.imports(each) for each in statements)
        if alone and there and plain and not dropped & imports_of(ours.source):
            return Present(rung=Rung.TOKEN, line=0)
        return _ABSENT
    keys = [after.source.keys[index] for index in come]
    scope = after.scopes[statements[0].first]
    if not ours.count(keys, scope) >= after.count(keys, scope) > before.count(keys, scope):
        return _ABSENT
    old = [before.source.keys[index] for index in gone]
    if old and ours.count(old, scope) > after.count(old, scope):
        return _ABSENT
    if _tokens(statements) >= _TELLING and not before.holds(keys):
        start = next(at for at in range(len(ours.source.keys)) if ours.source.keys[at : at + len(keys)] == tuple(keys))
        return Present(rung=Rung.TOKEN, line=ours.source.statements[start].first)
    return Refusal(reason="the added statements may be there already", final=True)


def _tokens(statements: Sequence[Statement]) -> int:
    return sum(len(each.words) for each in statements)


def _reversible(upstream: Upstream, edit: Edit, verdicts: tuple[Verdict, Verdict]) -> Verdict:
    if sum(char.isalnum() for line in upstream.added(edit) for char in line) < _LETTERS:
        return _ABSENT
    for verdict in verdicts:
        if isinstance(verdict, Placement):
            return Present(rung=verdict.rung, line=min(each.start for each in verdict.replacements))
    return _ABSENT
