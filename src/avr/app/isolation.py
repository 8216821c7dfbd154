"""What ran without isolation is no evidence: who runs beside the judge can write the judgement.

docs/decisions/0017-what-ran-without-isolation-is-no-evidence.md says why.
"""

from collections.abc import Iterable
from dataclasses import replace

from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import Gate
from avr.tools import sandbox

_STATIC = frozenset({Gate.APPLIES, Gate.SOUND})
"""Gates that read and run nothing of others."""


def weighed(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Evidence as it counts here: unchanged in a sandbox, without one a pass of what was executed is none."""
    if sandbox.is_unsafe():
        return tuple(unisolated(each) for each in evidence)
    return tuple(evidence)


def unisolated(evidence: Evidence) -> Evidence:
    """One check that ran without isolation: it says so, and it can speak against a fix but not for it. Pure."""
    if evidence.gate in _STATIC:
        return evidence
    facts = {**evidence.facts, "sandbox sandbox": sandbox.NOT_ISOLATED}
    if evidence.verdict is not Verdict.PASSED:
        return replace(evidence, facts=facts)
    summary = f"ran without isolation, so that it proves nothing: {evidence.summary}"
    return replace(evidence, facts=facts, verdict=Verdict.NO_EVIDENCE, summary=summary)
