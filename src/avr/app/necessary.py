"""What the trials of necessity are judged by: the security tests and exploits that spoke for a backport. Pure."""

from collections.abc import Sequence

from avr.model.backport import Backport, Origin
from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import Gate
from avr.stages.validate.attacks import Armoury
from avr.stages.validate.changed_tests import belongs
from avr.stages.validate.necessity.act import Exam


def exam(backport: Backport, evidence: Sequence[Evidence], armoury: Armoury) -> Exam | None:
    """The exam for a backport; None where nothing spoke for it, or a gate that concerns it failed."""
    if any(each.verdict is Verdict.FAILED for each in evidence):
        return None
    green = tuple(sorted({test for each in evidence for test in _turned_green(each)}))
    blocked = {each.facts.get("exploit") for each in evidence if _passed(each, Gate.EXPLOIT)}
    exploits = tuple(each for known in armoury.values() for each in known if each.name in blocked)
    paths = {path for path in backport.security_tests for test in green if belongs(test, path)}
    if not paths and not exploits:
        return None
    return Exam(
        paths=tuple(sorted(paths)),
        tests=backport.security_tests,
        turned_green=green,
        exploits=exploits,
        foreign=_foreign(backport),
    )


def _foreign(backport: Backport) -> dict[str, frozenset[int]]:
    """The lines of hunks that upstream did not write, as far as they are known, by path of the patched tree."""
    lines: dict[str, frozenset[int]] = {}
    for hunk in (hunk for ported in backport.ported for hunk in ported.hunks):
        if hunk.origin is Origin.MODEL_WRITTEN and hunk.target and hunk.line:
            mine = range(hunk.line, hunk.line + max(1, len(hunk.added)))
            lines[hunk.target] = lines.get(hunk.target, frozenset()) | frozenset(mine)
    return lines


def _turned_green(evidence: Evidence) -> list[str]:
    names = evidence.facts.get("turned_green")
    return names if _passed(evidence, Gate.SECURITY_TEST) and isinstance(names, list) else []


def _passed(evidence: Evidence, gate: Gate) -> bool:
    return evidence.gate is gate and evidence.verdict is Verdict.PASSED
