"""Holds a patch of somebody else against upstream's fix: is every hunk there, and nothing else taken away? Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from avr.model.backport import Backport, Hunk, HunkStatus, Origin, PortedFix
from avr.model.fix import ChangeKind
from avr.model.source import SourceTree
from avr.tools.diff import Edit, edits

NEAR = 2
"""So many lines of the pin may lie between a hunk of upstream's and the change that answers it."""
MISSING = "the patch changes nothing here"
KEPT = "the patch takes away lines of the pin that upstream's fix keeps"
OTHER = "upstream's own lines fit here, and the patch has others"
EXTRA = "upstream's fix changes nothing here"


def accounted(reference: Backport, patched: SourceTree, *, rewritten: bool = False) -> tuple[Hunk, ...]:
    """The code hunks of a foreign patch; `reference` is our own backport of the same fix onto the same pin.

    Every hunk of the reference must be there, as upstream wrote it, and nothing else: where our engine can place
    upstream's lines nobody has to write others. With `rewritten` other lines are taken at a hunk's place, or within
    `NEAR` lines of it, and further ones may be added; such a hunk is `MODEL_WRITTEN`, and the gates alone speak for it.
    Even then a patch that takes away lines of the pin which upstream keeps has an unplaced hunk there: what upstream
    left alone needs a person.
    """
    pinned = reference.pinned
    paths = sorted({*pinned.differing(reference.patched), *pinned.differing(patched)})
    trees = (pinned, reference.patched, patched)
    return tuple(hunk for path in paths for hunk in _of_file(path, trees, rewritten=rewritten))


def answered(ported: PortedFix, hunks: Sequence[Hunk]) -> PortedFix:
    """The ported fix with the code hunks of a foreign patch in the place of those that we placed.

    Its tests stay upstream's, and what our own engine found no place for stays open.
    """
    kept = (hunk for hunk in ported.hunks if hunk.kind is not ChangeKind.CODE or hunk.status is not HunkStatus.PLACED)
    return replace(ported, hunks=(*hunks, *kept))


def _of_file(path: str, trees: tuple[SourceTree, SourceTree, SourceTree], *, rewritten: bool) -> Iterator[Hunk]:
    old, right, theirs = ((tree.get(path) or b"").splitlines() for tree in trees)
    wanted, made = edits(old, right), edits(old, theirs)
    verbatim = {_change(each, right): each for each in wanted}
    taken = {line for each in wanted for line in range(each.a0, each.a1)}
    for each in made:
        same = _change(each, theirs) in verbatim
        hunk = _hunk(path, old, theirs, each, Origin.VERBATIM_UPSTREAM if same else Origin.MODEL_WRITTEN)
        if not taken.issuperset(range(each.a0, each.a1)):
            hunk = _unplaced(hunk, KEPT)
        elif not same and not rewritten and not any(_near(each, one) for one in wanted):
            hunk = _unplaced(hunk, EXTRA)
        yield hunk
    present = {_change(each, theirs) for each in made}
    for change, each in verbatim.items():
        near = any(_near(each, one) for one in made)
        if change not in present and not (near and rewritten):
            yield _unplaced(_hunk(path, old, right, each, None), OTHER if near else MISSING)


def _change(each: Edit, new: list[bytes]) -> tuple[int, int, tuple[bytes, ...]]:
    return each.a0, each.a1, tuple(new[each.b0 : each.b1])


def _near(one: Edit, other: Edit) -> bool:
    return one.a0 <= other.a1 + NEAR and other.a0 <= one.a1 + NEAR


def _unplaced(hunk: Hunk, why: str) -> Hunk:
    return replace(hunk, status=HunkStatus.UNPLACED, tried=(why,))


def _hunk(path: str, old: list[bytes], new: list[bytes], each: Edit, origin: Origin | None) -> Hunk:
    return Hunk(
        path=path,
        kind=ChangeKind.CODE,
        start=each.a0 + 1,
        removed=_texts(old[each.a0 : each.a1]),
        added=_texts(new[each.b0 : each.b1]),
        status=HunkStatus.PLACED,
        origin=origin,
        target=path,
        line=each.b0 + 1,
    )


def _texts(lines: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(each.decode("utf-8", "replace") for each in lines)
