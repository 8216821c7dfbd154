"""Local names that are called otherwise in the pin: upstream's fix translated to the pin's names.

Where the alignment of a unit's statements shows one name in the place of another, always the same one, and neither
side knows the other's, the fix is read with the pin's name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from avr.stages.patch.change import Upstream
from avr.stages.patch.languages.interface import Source, Statement, Token
from avr.stages.patch.structure.alignment import Range, align
from avr.stages.patch.structure.names import bound, mentioned, used
from avr.stages.patch.structure.sides import Sides
from avr.stages.patch.text import Text
from avr.tools.diff import edits


def renames(sides: Sides) -> dict[str, str]:
    """The unit's own names and what the pin calls them; only those that nothing speaks against."""
    (base, _, ours), (here, _, there) = sides.sources, sides.ranges
    heads = sides.heads[0], sides.heads[2]
    aligned = align(base, ours, here, there, heads)
    seen: dict[str, set[str]] = {}
    for at, to in aligned.to_ours.items():
        if at not in aligned.exact:
            for old, new in _exchanged(base.statements[at], ours.statements[to]):
                seen.setdefault(old, set()).add(new)
    mine, theirs = base.statements[here[0] : here[1]], ours.statements[there[0] : there[1]]
    own = bound(mine) | mentioned(base.statements[heads[0]])
    old_names, new_names = _names(mine), _names(theirs)
    found = {old: next(iter(new)) for old, new in seen.items() if len(new) == 1}
    taken = list(found.values())
    return {
        old: new
        for old, new in found.items()
        if old in own and old not in new_names and new not in old_names and taken.count(new) == 1
    }


def translated(sides: Sides, names: Mapping[str, str]) -> Upstream | None:
    """The change with the names replaced inside the unit, before and after the fix.

    None where a formatted string mentions one of the names, or the fix brings one of the pin's names itself.
    """
    upstream = sides.upstream
    before = _renamed(upstream.before, sides.sources[0], names, sides.ranges[0])
    after = _renamed(upstream.after, sides.sources[1], names, sides.ranges[1])
    return replace(upstream, before=before, after=after) if before and after else None


def _exchanged(one: Statement, two: Statement) -> Iterator[tuple[str, str]]:
    """The names of one statement that stand alone in the place of others in its counterpart."""
    left, right = list(one.words), list(two.words)
    for each in edits(left, right):
        if each.a1 - each.a0 == each.b1 - each.b0:
            for old, new in zip(one.tokens[each.a0 : each.a1], two.tokens[each.b0 : each.b1], strict=True):
                if old.kind == new.kind == "name" and old.norm in used([one]) | mentioned(one):
                    yield old.norm, new.norm


def _names(statements: tuple[Statement, ...]) -> frozenset[str]:
    return frozenset(
        norm for each in statements for kind, norm in zip(each.shape.kinds, each.words, strict=True) if kind == "name"
    )


def _renamed(text: Text, source: Source, names: Mapping[str, str], unit: Range) -> Text | None:
    spots: list[tuple[Token, str]] = []
    for statement in source.statements[unit[0] : unit[1]]:
        for index, token in enumerate(statement.tokens):
            formatted = token.kind == "string" and token.norm[:1] not in {"'", '"'}
            if (formatted and any(name in token.norm for name in names)) or token.norm in names.values():
                return None
            if token.kind == "name" and token.norm in names and not _belongs(statement, index):
                spots.append((token, names[token.norm]))
    out, at = [], 0
    for token, name in spots:
        out += [source.text[at : token.start], name]
        at = token.end
    changed = "".join([*out, source.text[at:]]).split("\n")[: len(text.lines)]
    return replace(text, lines=tuple(changed)) if len(changed) == len(text.lines) else None


def _belongs(statement: Statement, index: int) -> bool:
    """Whether a name is another object's: an attribute, or a keyword of a call."""
    words = [token.norm for token in statement.tokens[max(index - 1, 0) : index + 2]]
    if not index:
        return False
    call = statement.tokens[0].norm not in {"def", "async"}
    return words[0] in {".", "?.", "->"} or (call and words[0] in {"(", ","} and words[2:] == ["="])
