"""The evidence pack for findings that a person must look at."""

from dataclasses import replace

from avr.app.choose import Choice
from avr.model.backport import PortedFix
from avr.model.plan import Plan
from avr.model.report import ComponentReport
from avr.stages.deliver import layout
from avr.tools import documents
from avr.tools.unified import unified_tree

FOLDER = "review"


def pack(report: ComponentReport, plan: Plan, choice: Choice | None) -> dict[str, bytes]:
    """Files by path in the output folder: the plan with whole fixes, what was tried, what the gates showed.

    `proposed.patch` holds what could be placed; it is a proposal and nothing more.
    """
    folder = f"{FOLDER}/{report.component.slug}-{report.component.version}"
    files = {
        "plan.json": documents.dumps(layout.PLAN_SCHEMA, plan.without_prose()),
        "findings.json": documents.dumps(layout.FINDINGS_SCHEMA, report.findings),
        "evidence.json": documents.dumps(layout.EVIDENCE_SCHEMA, report.evidence),
        "backport.json": documents.dumps(layout.BACKPORT_SCHEMA, tuple(_slim(each) for each in report.ported)),
    }
    if choice is not None and choice.backport.changed_paths:
        files["proposed.patch"] = unified_tree(choice.backport.pinned, choice.backport.patched)
        files |= {f"security-tests/{path}": data for path, data in choice.backport.security_tests.items()}
    return {f"{folder}/{name}": data for name, data in files.items()}


def _slim(ported: PortedFix) -> PortedFix:
    return replace(ported, fix=replace(ported.fix, files=()))
