"""`avr scan`: the known vulnerabilities of what a target holds."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from avr.config import load
from avr.errors import ExitCode
from avr.model.component import Inventory, Location, Unresolved
from avr.model.finding import Finding
from avr.store.advisories import AdvisoryStore, Freshness

SCHEMA = "avr.scan/1"
"""The version of the JSON that `--format json` prints."""

_HEADINGS = ("COMPONENT", "FINDING", "SEVERITY", "FIXED IN", "WHY")
_RATINGS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
"""The qualitative scale of CVSS, https://www.first.org/cvss/v3.1/specification-document#Qualitative-Severity-Rating-Scale."""


@click.command()
@click.argument("target")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Output form."
)
def scan(target: str, form: str) -> int:
    """List the known vulnerabilities of a requirements file, a lock file, a package or an installed environment.

    TARGET is a requirements file, a package-lock.json or npm-shrinkwrap.json, a package URL, a virtual environment or a
    site-packages folder. Nothing of it is run and nothing is fetched. Entries that pin no exact version are named on
    standard error.

    \b
    Examples:
      avr scan requirements.txt
      avr scan requirements.txt --format json
      avr scan package-lock.json
      avr scan pkg:pypi/jinja2@2.11.2
      avr scan pkg:npm/lodash@4.17.15
      avr scan .venv

    \b
    Exit codes: 0 no findings, 1 findings, 2 usage, 3 environment.
    """
    from avr.inventory.target import read
    from avr.stages.find.gather import findings

    inventory = read(target)
    store = AdvisoryStore(load().home / "advisories.db")
    found, freshness = findings(inventory, store), store.freshness({each.ecosystem for each in inventory.components})
    days = (datetime.now(UTC) - freshness.newest).days
    if form == "json":
        click.echo(json.dumps(document(inventory, found, freshness, days), indent=2))
    else:
        _print_table(inventory, found)
        _print_remarks(inventory.unresolved, freshness, days)
    return ExitCode.FINDINGS if found else ExitCode.OK


def document(inventory: Inventory, found: Sequence[Finding], freshness: Freshness, age_days: int) -> dict[str, object]:
    """The scan as a JSON document of schema `avr.scan/1`; times are ISO 8601, scores CVSS base scores."""
    return {
        "schema": SCHEMA,
        "target": inventory.target,
        "snapshot": {
            "newest": freshness.newest.isoformat(),
            "age_days": age_days,
            "bundled_only": freshness.bundled_only,
        },
        "components": len(inventory.components),
        "findings": [_finding_item(each) for each in found],
        "unresolved": [
            {"text": each.text, "code": each.code, "why": each.why, **_location_item(each.location)}
            for each in inventory.unresolved
        ],
    }


def _finding_item(finding: Finding) -> dict[str, object]:
    component = finding.component
    return {
        "purl": component.purl,
        "ecosystem": component.ecosystem,
        "name": component.name,
        "version": component.version,
        "locations": [_location_item(each) for each in component.locations],
        "id": finding.id,
        "aliases": [each for each in finding.advisory.ids if each != finding.id],
        "score": finding.score,
        "fixed_in": list(finding.fixed_in),
        "why": finding.why,
        "sources": list(finding.advisory.sources),
    }


def _location_item(location: Location) -> dict[str, object]:
    return {"path": location.path, "line": location.line}


def _print_table(inventory: Inventory, found: Sequence[Finding]) -> None:
    rows = [_HEADINGS, *(_row(each) for each in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    if found:
        for row in rows:
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        click.echo()
    hit = len({(each.component.name, each.component.version) for each in found})
    click.echo(f"{_count(len(found), 'finding')} in {hit} of {_count(len(inventory.components), 'component')}")


def _row(finding: Finding) -> tuple[str, ...]:
    fixed = ", ".join(finding.fixed_in) or "no release"
    return str(finding.component), finding.id, _severity(finding.score), fixed, finding.why


def _severity(score: float | None) -> str:
    if score is None:
        return "unknown"
    rating = next((name for least, name in _RATINGS if score >= least), "none")
    return f"{score:.1f} {rating}"


def _print_remarks(unresolved: Sequence[Unresolved], freshness: Freshness, days: int) -> None:
    for each in unresolved:
        line = f":{each.location.line}" if each.location.line else ""
        click.echo(f"passed over {each.location.path}{line}: {each.text!r}: {each.why} [{each.code}]", err=True)
    if freshness.bundled_only:
        click.echo(
            f"advisories: the bundled snapshot of {freshness.newest:%Y-%m-%d}, {_count(days, 'day')} old\n"
            "hint: avr feed import FOLDER|FILE|URL takes newer ones",
            err=True,
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
