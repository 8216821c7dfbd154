"""What will be done about one component and all its findings; saved, and reviewable before any write."""

from dataclasses import dataclass, replace
from enum import StrEnum

from avr.model.component import Component, Unresolved
from avr.model.finding import Finding
from avr.model.fix import Fix


class Strategy(StrEnum):
    """What a plan sets out to do about a finding."""

    BACKPORT = "backport"
    ALREADY_FIXED = "already_fixed"
    NOT_AFFECTED = "not_affected"
    NO_FIX_KNOWN = "no_fix_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What the pinned source shows of the vulnerable code, line by line.

    `removed_*` count lines that the fix removes or changes, `added_*` the lines that it adds, each as found in the
    pin out of all that carry meaning (blank lines and comments do not count).
    """

    removed_found: int
    removed_total: int
    added_found: int
    added_total: int
    files_missing: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One finding with what is to be done: the fixes that could close it, best first."""

    finding: Finding
    strategy: Strategy
    candidates: tuple[Fix, ...] = ()
    presence: Presence | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps for one component, in the order in which their fixes are stacked (oldest fix first)."""

    component: Component
    steps: tuple[Step, ...]

    def without_prose(self) -> "Plan":
        """The plan as documents tell of it, without the advisories' long texts."""
        return replace(self, steps=tuple(replace(each, finding=each.finding.without_prose()) for each in self.steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSet:
    """The plans of one target, as `avr plan` saves them and `avr fix --plan` runs them."""

    target: str
    plans: tuple[Plan, ...]
    unresolved: tuple[Unresolved, ...] = ()
    clean: int = 0
    """How many components had no finding."""
