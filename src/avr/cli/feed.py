"""`avr feed`: what the advisory store holds, and taking newer records in."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import click

from avr.config import load
from avr.errors import UsageError
from avr.store.advisories import AdvisoryStore, ImportReport

SHOWN_MALFORMED = 10
"""How many malformed records are named; the others are only counted."""

_PROGRESS_STEP = 1000


@click.group()
def feed() -> None:
    """Fill the advisory store and see what it holds.

    \b
    Examples:
      avr feed import osv/                 a folder laid out as <ecosystem>/all.zip
      avr feed import all.zip
      avr feed import PYSEC-2021-66.json
      avr feed import https://osv.example.invalid/PyPI/all.zip
      avr feed status
    """


@feed.command("import")
@click.argument("location", metavar="FOLDER|FILE|URL")
def import_(location: str) -> None:
    """Take OSV records in from a folder, an all.zip, a single record or the URL of one.

    A record replaces one of the same id unless that is newer. Malformed records are named and left out. The import is
    one transaction: interrupted, it changes nothing.

    \b
    Examples:
      avr feed import osv/
      avr feed import https://osv.example.invalid/PyPI/all.zip
    """
    from avr.advisories.bucket import public_location, read_bucket

    store = AdvisoryStore(load().home / "advisories.db")
    report = store.import_records(read_bucket(location), public_location(location), _progress())
    _tell_malformed(report)
    if not report.read:
        raise UsageError(
            "feed.nothing", f"{location!r} holds no OSV record that can be read", hint="look at the reasons above"
        )
    click.echo(
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.older} older than known, {report.withdrawn} of them withdrawn, {len(report.malformed)} malformed"
    )


@feed.command()
def status() -> None:
    """Say how many records the store holds, from where, and how old they are.

    \b
    Example:
      avr feed status
    """
    known = AdvisoryStore(load().home / "advisories.db").status()
    days = (datetime.now(UTC) - known.freshness.newest).days
    click.echo(f"store      {known.path}")
    click.echo(f"records    {known.records}, {known.withdrawn} of them withdrawn")
    click.echo(f"newest     {known.freshness.newest:%Y-%m-%d}, {days} days ago")
    for name, count in known.ecosystems:
        click.echo(f"ecosystem  {name}: {count}")
    for each in known.sources:
        click.echo(
            f"source     {each.source}: {each.records} records in use, newest {each.newest:%Y-%m-%d}, "
            f"imported {each.imported:%Y-%m-%d %H:%M} UTC"
        )


def _tell_malformed(report: ImportReport) -> None:
    for each in report.malformed[:SHOWN_MALFORMED]:
        click.echo(f"left out {each.origin}: {each.why}", err=True)
    more = len(report.malformed) - SHOWN_MALFORMED
    if more > 0:
        click.echo(f"left out {more} more malformed records", err=True)


def _progress() -> Callable[[int], None] | None:
    """A running count on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(number: int) -> None:
        if number % _PROGRESS_STEP == 0:
            click.echo(f"\r{number} records read", err=True, nl=False)

    return show
