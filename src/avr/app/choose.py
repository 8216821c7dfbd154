"""Chooses, finding by finding, the first candidate fix that can be carried onto the pin whole. Pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from avr.model.backport import Backport, PortedFix
from avr.model.fix import ChangeKind, Fix
from avr.model.identifiers import AdvisoryId
from avr.model.plan import Plan, Step, Strategy
from avr.model.source import SourceTree

Port = Callable[[SourceTree, Sequence[tuple[AdvisoryId, Fix]], SourceTree], Backport]
"""The backport engine: pinned tree, fixes in order, tree of the tests -> backport."""

Problems = Callable[[SourceTree, SourceTree], Sequence[str]]
"""What the second tree breaks that the first did not."""

Attempt = tuple[AdvisoryId, int]
"""An advisory and the index of one of its candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The backport of everything that could be carried over, and the best try of each finding that could not.

    `used` tells which candidate was taken for each ported advisory.
    """

    backport: Backport
    used: dict[AdvisoryId, int]
    rejected: dict[AdvisoryId, tuple[PortedFix | None, str]]


def choose(
    pinned: SourceTree, plan: Plan, tests_tree: SourceTree, port: Port, problems: Problems, banned: Collection[Attempt]
) -> Choice:
    """Stack the fixes of a plan in its order; candidates in `banned` were tried before and found wanting."""
    stack: list[tuple[AdvisoryId, Fix]] = []
    used: dict[AdvisoryId, int] = {}
    rejected: dict[AdvisoryId, tuple[PortedFix | None, str]] = {}
    for step in plan.steps:
        if step.strategy is not Strategy.BACKPORT:
            continue
        advisory = step.finding.id
        accepted, best = _first_whole(pinned, stack, step, tests_tree, port, problems, banned)
        if accepted is None:
            rejected[advisory] = best
        else:
            used[advisory], fix = accepted
            stack.append((advisory, fix))
    return Choice(backport=port(pinned, stack, tests_tree), used=used, rejected=rejected)


def _first_whole(
    pinned: SourceTree,
    stack: list[tuple[AdvisoryId, Fix]],
    step: Step,
    tests_tree: SourceTree,
    port: Port,
    problems: Problems,
    banned: Collection[Attempt],
) -> tuple[tuple[int, Fix] | None, tuple[PortedFix | None, str]]:
    best: tuple[PortedFix | None, str] = (None, "every candidate was tried and refused by the gates")
    for index, candidate in enumerate(step.candidates):
        if (step.finding.id, index) in banned:
            continue
        fix = with_tests(candidate, step.candidates)
        tried = port(pinned, [*stack, (step.finding.id, fix)], tests_tree)
        ported = tried.ported[-1]
        found = (*_binaries(tried), *problems(pinned, tried.patched)) if ported.complete else ()
        if ported.complete and not found and not fix.only_for_review:
            return (index, fix), best
        if best[0] is None:
            best = (ported, _why_not(ported, found, fix))
    return None, best


def _binaries(backport: Backport) -> tuple[str, ...]:
    """A sentence for each changed file that no patch can show: nobody could review it."""
    trees = (backport.pinned, backport.patched)
    return tuple(
        f"{path} is binary, and a change of it cannot be shown as a patch"
        for path in backport.changed_paths
        if any(b"\0" in (tree.get(path) or b"") for tree in trees)
    )


def _why_not(ported: PortedFix, problems: Sequence[str], fix: Fix) -> str:
    if not ported.complete:
        return "a hunk of the fix has no certain place in the pin"
    return problems[0] if problems else f"for review only: {fix.only_for_review}"


def with_tests(fix: Fix, candidates: Sequence[Fix]) -> Fix:
    """The fix, with the tests of another candidate where it brings none of its own."""
    if fix.of_kind(ChangeKind.TEST):
        return fix
    lender = next((each for each in candidates if each.of_kind(ChangeKind.TEST)), None)
    if lender is None:
        return fix
    return replace(fix, files=(*fix.files, *lender.of_kind(ChangeKind.TEST)), tests_from=lender.route)
