"""Edits of code that the pin does not have: shown to be absent, or not dropped.

The function that the fix changes, and every one around it, is named nowhere in the pin, and no function of the pin says
anything like it. That shows it only while other code of the same file did find its place: else the file itself may be
another one.
"""

from avr.model.backport import Rung
from avr.model.fix import ChangeKind
from avr.stages.patch.change import Unneeded
from avr.stages.patch.question import Question
from avr.stages.patch.structure.counterpart import File, Finder
from avr.stages.patch.structure.units import Unit, alike, bag

_UNLIKE = 0.35
"""How alike any function of the pin may be, at most."""
_HELD = 0.5
"""The share of its words that any function of the pin may hold, at most: it could have been written out there."""
_TELLING = 20
"""Tokens that a definition must have for its absence to be seen."""
_SHORTEST = 5
"""Letters that its name must have, at least."""
_RARE = 3
"""Words of the definition, the longest ones, that lead to where it could have gone."""
_MOST_FILES = 40


def shown_absent(question: Question, before: File, finder: Finder, index: int) -> Unneeded | None:
    """The verdict where the definition around an edit is shown to be absent from the pin."""
    edit = question.upstream.edits[index]
    own = finder.file(question.path) if question.path else None
    if own is None or question.kind is not ChangeKind.CODE or len(question.open) == len(question.upstream.edits):
        return None
    around = [each for each in before.units if each.kind != "value" and _holds(each, before, edit.a0, edit.a1)]
    functions = [each for each in around if each.kind == "function"]
    if not functions or any(len(each.name[-1]) < _SHORTEST or finder.mentions(each.name[-1]) for each in functions):
        return None
    unit = functions[0]
    mine = bag(before.source, unit)
    if mine.total() < _TELLING or not edit.a0 < edit.a1:
        return None
    words = sorted((word for word in mine if word.isidentifier()), key=lambda word: (-len(word), word))[:_RARE]
    paths = finder.mentions(*words)
    files = [own, *(file for path in paths[:_MOST_FILES] if (file := finder.file(path)))]
    others = [bag(file.source, each) for file in files for each in file.units if each.kind == "function"]
    nearest = max((alike(mine, each) for each in others), default=0.0)
    held = max(((mine & each).total() / mine.total() for each in others), default=0.0)
    if len(paths) > _MOST_FILES or nearest > _UNLIKE or held > _HELD:
        return None
    name = ".".join(unit.name)
    reason = f"{name!r} is named nowhere in the pin, and nothing there is more than {nearest:.0%} like it"
    return Unneeded(rung=Rung.STRUCTURE, reason=reason)


def _holds(unit: Unit, file: File, first: int, last: int) -> bool:
    start, end = unit.lines(file.source)
    return start <= first and last <= end
