"""Sibling sites of ported fixes in the code that ships: told in reports, for a person to look at. Pure."""

from dataclasses import replace

from avr.model.backport import PortedFix
from avr.model.fix import ChangeKind
from avr.model.source import SourceTree
from avr.stages.patch.siblings import siblings
from avr.stages.plan.kinds import classify


def code_paths(tree: SourceTree) -> frozenset[str]:
    """The paths of a tree that hold code that ships, as far as paths tell."""
    return frozenset(path for path in tree.files if classify(path) is ChangeKind.CODE)


def with_siblings(ported: PortedFix, patched: SourceTree, among: frozenset[str]) -> PortedFix:
    """The ported fix with its siblings in the files `among` of the patched tree."""
    return replace(ported, siblings=siblings(patched, ported.fix, ported.hunks, among))
