"""A patch that somebody else wrote, made ready for the gates: its code, and nothing but upstream's tests."""

from dataclasses import dataclass

from avr.ecosystems.interface import Pin
from avr.model.backport import Backport
from avr.model.fix import ChangeKind, Fix
from avr.model.source import SourceTree
from avr.stages.patch.accounted import accounted, answered
from avr.stages.patch.ladder import backport as port
from avr.stages.plan.kinds import classify, packages_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A backport to be judged, and the changes of the patch that were not taken over, by path."""

    backport: Backport
    ignored: tuple[str, ...]


def proposal(pin: Pin, theirs: SourceTree, fix: Fix, tests_tree: SourceTree, *, rewritten: bool = False) -> Proposal:
    """The backport that `theirs`, a tree with somebody's patch, stands for as a backport of `fix`.

    Files that are no code of the package (tests, their configuration, build files) stay as they are in the pin: who is
    judged never brings the judge. The security tests are upstream's, carried onto `tests_tree` by our own engine, and
    each of upstream's code hunks is accounted for; `rewritten` allows other lines than upstream's at their places.
    """
    packages = packages_of(pin.tree, pin.component.name)
    changed = pin.tree.differing(theirs)
    code = [path for path in changed if classify(path, packages) is ChangeKind.CODE]
    patched = pin.tree.replacing({path: theirs.get(path) for path in code})
    reference = port(pin.tree, [(fix.advisory, fix)], tests_tree)
    ported = answered(reference.ported[0], accounted(reference, patched, rewritten=rewritten))
    backport = Backport(pinned=pin.tree, patched=patched, ported=(ported,), security_tests=reference.security_tests)
    return Proposal(backport=backport, ignored=tuple(path for path in changed if path not in code))
