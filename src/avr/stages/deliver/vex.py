"""What is true of each finding on the patched version, as OpenVEX 0.2.0, https://github.com/openvex/spec.

Only what a release closes and proves is called `fixed`; `not_affected` is said only of code that was shown to be
absent, never of what was patched.
"""

from typing import Any

from avr.model.identifiers import State
from avr.model.report import FindingReport
from avr.stages.deliver.delivery import Delivery
from avr.stages.deliver.layout import BUILDER, release_purl
from avr.tools import documents


def vex(delivery: Delivery) -> bytes:
    """The OpenVEX document of one release, as JSON."""
    statements = [_statement(delivery, each) for each in delivery.findings]
    body: dict[str, Any] = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "author": BUILDER,
        "role": "backporter",
        "timestamp": f"{delivery.moment:%Y-%m-%dT%H:%M:%SZ}",
        "version": 1,
        "tooling": f"avr-factory {delivery.tool_version}",
        "statements": statements,
    }
    return documents.canonical({**body, "@id": f"urn:avr-factory:vex:{documents.digest(body)}"})


def _statement(delivery: Delivery, report: FindingReport) -> dict[str, Any]:
    purl = release_purl(delivery.component, delivery.version)
    advisory = report.finding.advisory
    vulnerability: dict[str, Any] = {"name": report.finding.id}
    others = sorted(set(advisory.ids) - {report.finding.id})
    return {
        "vulnerability": {**vulnerability, **({"aliases": others} if others else {})},
        "products": [{"@id": purl, "identifiers": {"purl": purl}}],
        "status_notes": _notes(report),
        **_status(delivery, report),
    }


def _status(delivery: Delivery, report: FindingReport) -> dict[str, str]:
    if report in delivery.fixed:
        return {"status": "fixed"}
    match report.state:
        case State.ALREADY_FIXED:
            return {"status": "fixed"}
        case State.NOT_AFFECTED:
            return {"status": "not_affected", "justification": "vulnerable_code_not_present"}
        case State.NO_FIX_KNOWN:
            return {"status": "affected", "action_statement": "No fix is known upstream; see the advisory."}
        case State.FIXED | State.NEEDS_REVIEW | State.FAILED:
            return {"status": "under_investigation"}


def _notes(report: FindingReport) -> str:
    missing = ", ".join(report.missing) or "nothing"
    return f"state {report.state}; assurance {report.assurance}; not shown: {missing}; {report.why}"
