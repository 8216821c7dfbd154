"""Local names that a merged edit would bring into a definition that does not know them.

Lines and tokens can merge clean where the pin calls a variable otherwise: what is added then speaks of a name that does
not exist there.
"""

from itertools import dropwhile

from avr.stages.patch.change import Placement, Upstream
from avr.stages.patch.languages import read
from avr.stages.patch.languages.interface import Definition, Source, Statement
from avr.stages.patch.structure.names import bound, mentioned, used
from avr.stages.patch.text import Text
from avr.tools.diff import Edit


def foreign_name(upstream: Upstream, pin: Text, edit: Edit, placement: Placement) -> str | None:
    """A name that the edit uses, upstream's definition binds and the pin's does not even mention; None without one."""
    before, after, ours = (read(upstream.language, text.lines) for text in (upstream.before, upstream.after, pin))
    if before is None or after is None or ours is None:
        return None
    here, with_fix = _around(before, edit.a0, edit.a1), _around(after, edit.b0, edit.b1)
    there = _around(ours, placement.replacements[0].start, placement.replacements[-1].end)
    if here is None or there is None or with_fix is None or here.name != with_fix.name:
        return None
    new = [each for each in after.statements if each.first < edit.b1 and edit.b0 < each.last]
    old = [each for each in before.statements if each.first < edit.a1 and edit.a0 < each.last]
    known = frozenset(word for each in _body(ours, there) for word in each.words)
    body = _body(before, here)
    own = bound(body) | mentioned(body[0])
    brought = (used(new) - used(old) - bound(new)) & own - known
    outside = frozenset(word for each in ours.statements if not each.level for word in each.words)
    return min(brought - outside, default=None)


def _around(source: Source, first: int, last: int) -> Definition | None:
    """The innermost function that holds some lines."""
    found: Definition | None = None
    for each in source.language.definitions(source):
        inside = source.statements[each.first].first <= first and last <= source.statements[each.last - 1].last
        if inside and not each.is_class and not (first == last == source.statements[each.last - 1].last):
            found = each
    return found


def _body(source: Source, definition: Definition) -> tuple[Statement, ...]:
    """A function's statements, the one that names it first."""
    inside = source.statements[definition.first : definition.last]
    return tuple(dropwhile(lambda each: each.words[0] == "@" and each is not inside[-1], inside))
