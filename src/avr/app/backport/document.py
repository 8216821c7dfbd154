"""The result of `avr backport` as a document, `avr.backport-result/1`: what machines read."""

from dataclasses import dataclass

from avr.app.backport.carry import Carried
from avr.app.backport.conditions import Condition
from avr.app.backport.request import Remark
from avr.model.backport import Hunk, Sibling
from avr.stages.patch.pack import HunkEvidence
from avr.tools import documents

SCHEMA = "avr.backport-result/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixResult:
    """One fix: what it is, and what became of each of its hunks."""

    commit: str
    subject: str
    complete: bool
    hunks: tuple[Hunk, ...]
    siblings: tuple[Sibling, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The whole result; `patch` is the unified diff, in JSON as base64, for it need not be UTF-8."""

    onto: str
    complete: bool
    changed: tuple[str, ...]
    fixes: tuple[FixResult, ...]
    remarks: tuple[Remark, ...]
    conditions: tuple[Condition, ...]
    evidence: tuple[HunkEvidence, ...]
    patch: bytes


def document(carried: Carried) -> bytes:
    """The document's canonical JSON."""
    return documents.dumps(SCHEMA, result_of(carried))


def result_of(carried: Carried) -> Result:
    """What the document holds."""
    fixes = tuple(
        FixResult(
            commit=", ".join(each.fix.commits),
            subject=each.fix.subject,
            complete=each.complete,
            hunks=each.hunks,
            siblings=each.siblings,
        )
        for each in carried.backport.ported
    )
    return Result(
        onto=carried.request.onto,
        complete=carried.complete,
        changed=carried.changed,
        fixes=fixes,
        remarks=carried.remarks,
        conditions=carried.conditions,
        evidence=carried.evidence,
        patch=carried.patch,
    )
