"""Tables that read the same on a terminal, without colour and in a pipe."""

import shutil
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from avr.model.backport import HunkStatus
from avr.model.identifiers import Assurance, Gate, State
from avr.model.plan import PlanSet
from avr.model.report import Report

PIPE_WIDTH = 200
"""Columns where there is no terminal to measure."""

_STYLES = {
    State.FIXED: "green",
    State.ALREADY_FIXED: "green",
    State.NOT_AFFECTED: "green",
    State.NO_FIX_KNOWN: "yellow",
    State.NEEDS_REVIEW: "yellow",
    State.FAILED: "red",
}


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str | Text]], *, stderr: bool = False) -> None:
    """Print rows under a head, folded to the terminal's width where there is one."""
    stream = sys.stderr if stderr else sys.stdout
    width = shutil.get_terminal_size().columns if stream.isatty() else PIPE_WIDTH
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    Console(width=width, soft_wrap=False, stderr=stderr).print(table)


def print_report(report: Report) -> None:
    """The closing table: component, finding, state, assurance, time, what is missing for the next level."""
    rows: list[list[str | Text]] = []
    for component in report.components:
        seconds = f"{sum(component.seconds.values()):.1f} s"
        for found in component.findings:
            missing = "" if found.assurance is Assurance.PROVED_TWICE else " ".join(found.missing)
            state = Text(found.state, style=_STYLES[found.state])
            why = missing if found.state is State.FIXED else f"{found.why} [{found.code}]"
            rows.append([str(component.component), found.finding.id, state, found.assurance, seconds, why])
    if rows:
        print_table(["component", "finding", "state", "level", "time", "missing for the next level, or why"], rows)


def print_plans(plans: PlanSet) -> None:
    """One row per finding: what will be done and where the fix comes from."""
    rows: list[list[str | Text]] = []
    for plan in plans.plans:
        for step in plan.steps:
            best = step.candidates[0] if step.candidates else None
            source = (best.origin_url or ", ".join(best.commits) or best.subject) if best else "; ".join(step.reasons)
            route = f"{best.route} (+{len(step.candidates) - 1})" if best else "-"
            rows.append([str(plan.component), step.finding.id, step.strategy, route, source])
    if rows:
        print_table(["component", "finding", "strategy", "route", "source"], rows)


def necessity(report: Report) -> list[str]:
    """One line for each component whose hunks were removed in turn: what the security tests noticed."""
    return [
        f"{component.component}: {each.summary}"
        for component in report.components
        for each in component.evidence
        if each.gate is Gate.NECESSITY
    ]


def unplaced(report: Report) -> list[str]:
    """Lines that name every hunk without a place, for the person who reviews."""
    return [
        f"{component.component} {ported.advisory} {hunk.path}:{hunk.start}: {'; '.join(hunk.tried)}"
        for component in report.components
        for ported in component.ported
        for hunk in ported.hunks
        if hunk.status is HunkStatus.UNPLACED and hunk.kind == "code"
    ]
