"""The backport engine with what an ecosystem adds: the same change in what a package ships a second time."""

from collections.abc import Sequence
from dataclasses import replace

from avr.app.choose import Port
from avr.ecosystems.interface import Ecosystem
from avr.model.backport import Backport, Hunk, HunkStatus, Origin, PortedFix, Rung
from avr.model.fix import ChangeKind, Fix
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.stages.patch.ladder import backport as port
from avr.tools.difference import edits


def carrying(ecosystem: Ecosystem, minimum: tuple[int, int] | None) -> Port:
    """The engine for one pin; what the ecosystem adds is told as hunks of the last fix, which brought it in."""

    def carry(pinned: SourceTree, stack: Sequence[tuple[AdvisoryId, Fix]], tests_tree: SourceTree) -> Backport:
        made = port(pinned, [(each, _read(fix, pinned)) for each, fix in stack], tests_tree, minimum=minimum)
        whole = ecosystem.complete(pinned, made.patched)
        added = made.patched.differing(whole)
        if not added or not made.ported:
            return made
        hunks = tuple(hunk for path in added for hunk in _hunks(path, made.patched, whole))
        return replace(made, patched=whole, ported=(*made.ported[:-1], _with(made.ported[-1], hunks)))

    def _read(fix: Fix, pinned: SourceTree) -> Fix:
        """The fix without what is made from its other files."""
        paths = {each.path for each in fix.files}
        return replace(fix, files=tuple(each for each in fix.files if not ecosystem.is_made(each.path, paths, pinned)))

    return carry


def _with(ported: PortedFix, hunks: tuple[Hunk, ...]) -> PortedFix:
    return replace(ported, hunks=(*ported.hunks, *hunks))


def _hunks(path: str, before: SourceTree, after: SourceTree) -> list[Hunk]:
    old, new = (_lines(tree.get(path) or b"") for tree in (before, after))
    return [
        Hunk(
            path=path,
            kind=ChangeKind.CODE,
            start=each.a0 + 1,
            removed=old[each.a0 : each.a1],
            added=new[each.b0 : each.b1],
            status=HunkStatus.PLACED,
            rung=Rung.TOKEN,
            origin=Origin.CONTEXT_ADAPTED,
            target=path,
            line=each.b0 + 1,
            score=1.0,
        )
        for each in edits(old, new)
    ]


def _lines(data: bytes) -> tuple[str, ...]:
    return tuple(data.decode("utf-8", "surrogateescape").split("\n"))
