"""Ranks the fixes that were found, asks the pin whether it needs them, and puts the steps in order. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from avr.ecosystems import schemes
from avr.ecosystems.schemes import Version
from avr.model.component import Component
from avr.model.finding import Finding
from avr.model.fix import ChangeKind, Fix, FixRoute
from avr.model.identifiers import CommitId
from avr.model.plan import Plan, Step, Strategy
from avr.model.source import SourceTree
from avr.stages.plan.presence import presence

_TRUSTED = (FixRoute.BRANCH_BACKPORT, FixRoute.COMMIT, FixRoute.DISTRIBUTION)
"""Routes whose change is somebody's statement of the fix; an isolated difference is only our guess."""
_SURE = 0.7
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the finders found for one finding, in no particular order."""

    finding: Finding
    fixes: tuple[Fix, ...]
    reasons: tuple[str, ...] = ()


def decide(
    component: Component, tree: SourceTree, gathered: Sequence[Gathered], dates: Mapping[CommitId, datetime]
) -> Plan:
    """The plan for one component: a step for every finding, the oldest fix first."""
    return Plan(component=component, steps=tuple(_step(each, tree) for each in _in_order(gathered, dates)))


def ranked(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """Fixes with code by confidence; of the same change found twice the better one is kept, with all reasons."""
    best: dict[object, Fix] = {}
    order = list(FixRoute)
    for fix in sorted(fixes, key=lambda fix: (-fix.confidence, order.index(fix.route))):
        if not fix.of_kind(ChangeKind.CODE):
            continue
        key = frozenset((file.path_before, file.path_after, file.before, file.after) for file in fix.files)
        if key in best:
            reasons = dict.fromkeys((*best[key].reasons, *fix.reasons))
            best[key] = replace(best[key], reasons=tuple(reasons))
        else:
            best[key] = fix
    return tuple(best.values())


def _step(gathered: Gathered, tree: SourceTree) -> Step:
    candidates = ranked(gathered.fixes)
    if not candidates:
        return Step(finding=gathered.finding, strategy=Strategy.NO_FIX_KNOWN, reasons=gathered.reasons)
    seen = [(fix, *presence(tree, fix)) for fix in candidates]
    sure = [each for each in seen if _is_statement(each[0])]
    fixed = [each for each in sure[:1] if each[2] is Strategy.ALREADY_FIXED]  # a lesser candidate may be half the fix
    spared = bool(sure) and all(each[2] is Strategy.NOT_AFFECTED for each in sure)
    first = fixed[0] if fixed else sure[0] if spared else seen[0]
    strategy = first[2] if fixed or spared else Strategy.BACKPORT
    return Step(
        finding=gathered.finding,
        strategy=strategy,
        candidates=candidates,
        presence=first[1] if strategy is not Strategy.BACKPORT else replace(seen[0][1], detail=""),
        reasons=(*((first[1].detail,) if strategy is not Strategy.BACKPORT else ()), *gathered.reasons),
    )


def _is_statement(fix: Fix) -> bool:
    """Whether somebody states that this, and the whole of it, is the fix."""
    return fix.route in _TRUSTED and fix.confidence >= _SURE and not fix.only_for_review


def _in_order(gathered: Sequence[Gathered], dates: Mapping[CommitId, datetime]) -> list[Gathered]:
    """The finding that was fixed first comes first; those that no release fixes come last."""
    dated = sorted(gathered, key=lambda each: (_when(each, dates), each.finding.id))
    fixed = [(version, each) for each in dated if (version := _first_fixed(each.finding)) is not None]
    unfixed = [each for each in dated if _first_fixed(each.finding) is None]
    return [*(each for _, each in sorted(fixed, key=lambda pair: pair[0])), *unfixed]


def _first_fixed(finding: Finding) -> Version | None:
    parse = schemes.of(finding.component.ecosystem).parse
    return min((version for text in finding.fixed_in if (version := parse(text)) is not None), default=None)


def _when(gathered: Gathered, dates: Mapping[CommitId, datetime]) -> datetime:
    best = ranked(gathered.fixes)[:1]
    return max((dates[each] for fix in best for each in fix.commits if each in dates), default=_NEVER)
