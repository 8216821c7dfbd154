"""Saved plans: reviewable before any write, and run later or elsewhere."""

from pathlib import Path

from avr.errors import AvrError, ProofError, UsageError
from avr.model.plan import PlanSet
from avr.tools import documents

SCHEMA = "avr.plan-set/1"


def save(path: Path, plans: PlanSet) -> None:
    """Write the plans as one document."""
    documents.write(path, SCHEMA, plans)


def load(path: Path) -> PlanSet:
    """Read saved plans; raises `UsageError` `plan.unreadable` for anything else."""
    try:
        return documents.read(path, SCHEMA, PlanSet)
    except (ProofError, AvrError) as error:
        raise UsageError("plan.unreadable", error.message, hint="make one with `avr plan TARGET -o FILE`") from error


def as_json(plans: PlanSet) -> str:
    """The document as `avr plan --format json` prints it."""
    return documents.dumps(SCHEMA, plans).decode()
