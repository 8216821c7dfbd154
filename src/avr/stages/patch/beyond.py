"""The rungs beyond the file, asked in order about what R1 to R3 left open; their answers made in the tree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from avr.model.backport import Hunk, HunkStatus, Rung
from avr.model.source import SourceTree
from avr.stages.patch.adapt.place import place_adapted
from avr.stages.patch.change import Placement
from avr.stages.patch.portfile import Answer, breaks
from avr.stages.patch.question import Question, Reply, Solution, TreeLadder
from avr.stages.patch.record import answered, shifted
from avr.stages.patch.structure.place import place_structure
from avr.stages.patch.text import Replacement, Text

BEYOND: TreeLadder = ((Rung.STRUCTURE, place_structure), (Rung.ADAPT, place_adapted))
"""The techniques in the order in which they are asked, and the rung that speaks in the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """The tree after the rungs, the hunks with their new places, and the paths that changed."""

    tree: SourceTree
    hunks: tuple[Hunk, ...]
    touched: tuple[str, ...]


def go_beyond(question: Question, hunks: Sequence[Hunk], ladder: TreeLadder = BEYOND) -> Extended:
    """Ask the rungs about the open edits; `hunks` has one for each edit of the file, in order."""
    state = Extended(tree=question.tree, hunks=tuple(hunks), touched=())
    for rung, technique in ladder:
        still = tuple(index for index in question.open if state.hunks[index].status is HunkStatus.UNPLACED)
        if not still:
            break
        asked = replace(question, open=still, tree=state.tree)
        state = _made(asked, state, rung, technique(asked))
    return state


def _made(question: Question, state: Extended, rung: Rung, reply: Reply) -> Extended:
    tree, hunks, touched = state.tree, list(state.hunks), list(state.touched)
    for index, reason in reply.reasons:
        hunks[index] = replace(hunks[index], tried=(*hunks[index].tried, f"{rung}: {reason}"))
    for path, group in _by_path(reply.solutions).items():
        written = _written(group)
        clash = _clash(written)
        text = Text.of(question.tree.files[path]) if path in question.tree else Text(lines=())
        changed = text if clash else text.replacing(written)
        problem = "two edits meet at one place of the pin" if clash else _broken(question, path, text, changed)
        for each in group:
            for index in each.edits:
                if problem and isinstance(each.verdict, Placement):
                    hunks[index] = replace(hunks[index], tried=(*hunks[index].tried, f"{rung}: {problem}"))
                else:
                    hunks[index] = answered(
                        replace(hunks[index], target=path),
                        Answer(verdict=each.verdict, tried=hunks[index].tried),
                        written,
                    )
        if not problem and written:
            placed = {index for each in group for index in each.edits}
            hunks = [
                replace(hunk, line=shifted(hunk.line - 1, written))
                if hunk.line is not None and hunk.target == path and index not in placed
                else hunk
                for index, hunk in enumerate(hunks)
            ]
            tree = tree.replacing({path: changed.to_bytes()})
            touched.append(path)
    return Extended(tree=tree, hunks=tuple(hunks), touched=tuple(dict.fromkeys(touched)))


def _by_path(solutions: Iterable[Solution]) -> dict[str, list[Solution]]:
    found: dict[str, list[Solution]] = {}
    for each in solutions:
        found.setdefault(each.path, []).append(each)
    return found


def _written(group: Iterable[Solution]) -> list[Replacement]:
    placements = dict.fromkeys(each.verdict for each in group if isinstance(each.verdict, Placement))
    return sorted((one for each in placements for one in each.replacements), key=lambda one: (one.start, one.end))


def _clash(written: Sequence[Replacement]) -> bool:
    return any(two.start < one.end or (one.start, one.end) == (two.start, two.end) for one, two in pairwise(written))


def _broken(question: Question, path: str, text: Text, changed: Text) -> str:
    language = question.upstream.language
    if language and breaks(language, text, changed, question.upstream):
        return f"{path} would not parse"
    return ""
