"""`avr prove`: run the proof in a capsule again, on a machine that has nothing but avr."""

import json
import os
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from avr.cli.options import sandbox_option
from avr.cli.verify import printable, public_key
from avr.errors import UsageError

if TYPE_CHECKING:
    from avr.config import Settings
    from avr.ecosystems.interface import Laboratory
    from avr.model.evidence import Evidence, TestRun
    from avr.verify.capsule import Capsule
    from avr.verify.stock import Fetch
    from avr.verify.verdict import Proof

_COLOURS = {"proved": "green", "not reproduced": "yellow", "disproved": "red"}
_GATES = {"G4": "tests  ", "G5": "exploit"}
_SHOWN, _WIDEST = 3, 80
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("capsule", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Public key (PEM) of whom you trust.")
@click.option("--offline", type=_FOLDER, metavar="DIR", help="Take original and dependencies from DIR, ask no index.")
@click.option("--collect", type=_FOLDER, metavar="DIR", help="Only put the files for --offline into DIR.")
@click.option("--explain", is_flag=True, help="Only say what would be fetched and run.")
@sandbox_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def prove(capsule: Path, key: Path | None, offline: Path | None, collect: Path | None, explain: bool, form: str) -> int:
    """Run the proof in CAPSULE again, and judge by what is seen and never by what the capsule says.

    Signature and digests are checked; the original and the dependencies are fetched by digest from the package index
    that pip or uv is configured for, or from a folder; the patch is applied; the tests of the fix and the exploits run
    before and after it, in the sandbox. Nothing of a capsule runs outside it.

    \b
    Examples:
      avr prove jinja2-2.11.2+avr.1.capsule.zip
      avr prove jinja2-2.11.2+avr.1.capsule.zip --key trusted.pem
      avr prove jinja2-2.11.2+avr.1.capsule.zip --collect files       with an index
      avr prove jinja2-2.11.2+avr.1.capsule.zip --offline files       without a network
      avr prove jinja2-2.11.2+avr.1.capsule.zip --explain

    \b
    Exit codes: 0 proved, 1 not reproduced or disproved, 2 no such file, 3 it cannot be run here, 4 tampered with.
    """
    from avr.app.wiring import wire
    from avr.config import load
    from avr.verify.capsule import load as load_capsule
    from avr.verify.stock import Index, Shelf

    _check_folders(offline, collect)
    settings = load()
    parts = wire(settings)
    pinned = public_key(key) if key else None
    found = load_capsule(capsule, pinned)
    kit = parts.kit(found.claim.component.ecosystem)
    if explain:
        return _told(found, kit.laboratory(), form)
    fetch: Fetch = Shelf(folder=offline) if offline else Index(registry=kit.ecosystem.registry)
    if collect is not None:
        return _collected(found, capsule, kit.laboratory(), fetch, collect, form)
    return _proved(found, kit.laboratory(), fetch, settings, pinned, form)


def _check_folders(offline: Path | None, collect: Path | None) -> None:
    if offline is not None and collect is not None:
        hint = "collect where an index is, prove offline where none is"
        raise UsageError("prove.options", "--offline and --collect exclude each other", hint=hint)
    if offline is not None and not offline.is_dir():
        raise UsageError("prove.no-folder", f"no folder {str(offline)!r}", hint="make it with --collect")


def _proved(
    found: "Capsule", laboratory: "Laboratory", fetch: "Fetch", settings: "Settings", pinned: bytes | None, form: str
) -> int:
    from avr.tools.signing import own_public
    from avr.verify.prove import Means
    from avr.verify.prove import prove as run

    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2), thread_name_prefix="sandbox") as pool:
        means = Means(
            laboratory=laboratory,
            fetch=fetch,
            executor=pool,
            seconds=settings.suite_seconds,
            trusted=pinned or own_public(settings.home),
            tell=_say if form == "text" else _hush,
        )
        proof = run(found, means)
    _close(proof, form)
    return proof.exit_code


def _collected(found: "Capsule", path: Path, laboratory: "Laboratory", fetch: "Fetch", folder: Path, form: str) -> int:
    from avr.verify.prove import needed
    from avr.verify.stock import gather

    _, files = needed(found, laboratory)
    gather(files, fetch, {}, folder)
    if form == "json":
        click.echo(json.dumps({"folder": str(folder), "files": [asdict(each) for each in files]}, indent=1))
    else:
        click.echo(f"{len(files)} files in {folder}; now: avr prove {path} --offline {folder}")
    return 0


def _told(found: "Capsule", laboratory: "Laboratory", form: str) -> int:
    from avr.tools.signing import key_id
    from avr.verify.prove import needed

    conditions, files = needed(found, laboratory)
    told = {
        "capsule": found.name,
        "signed_by": key_id(found.key),
        "package": found.claim.component.purl,
        "version": found.claim.version,
        "interpreter": ".".join(map(str, conditions.interpreter)),
        "files": [asdict(each) for each in files],
        "tests": sorted(found.tests),
        "exploits": sorted(found.exploits),
        "claims": [asdict(each) for each in found.claim.expected],
    }
    if form == "json":
        click.echo(json.dumps(told, indent=1))
        return 0
    click.echo(printable(f"{told['capsule']}: {told['version']} of {told['package']}, signed by {told['signed_by']}"))
    click.echo(
        f"would run with version {told['interpreter']} of the interpreter in the sandbox, before and after the patch:"
    )
    for each in (*sorted(found.tests), *sorted(found.exploits)):
        click.echo(f"  {printable(each)}")
    click.echo(f"would fetch {len(files)} files by digest:")
    for file in files:
        click.echo(f"  {printable(file.filename)}  sha256:{file.sha256}")
    for claim in found.claim.expected:
        click.echo(f"claims {claim.assurance.value} for {printable(claim.advisory)}")
    return 0


def _say(name: str, what: str) -> None:
    click.echo(f"{click.style('ok', fg='green')} {printable(name):<12} {printable(what)}")


def _hush(name: str, what: str) -> None:
    del name, what


def _close(proof: "Proof", form: str) -> None:
    if form == "json":
        from avr.tools import documents

        body = documents.to_json(proof)
        assert isinstance(body, dict), "a proof is a record"
        click.echo(json.dumps({**body, "result": proof.result.value, "exit_code": int(proof.exit_code)}, indent=1))
        return
    for each in proof.evidence:
        for name, side in (("before", each.before), ("after", each.after)) if each.before or each.after else ():
            click.echo(printable(f"   {_GATES[each.gate.value]} {name:<7} {_seen(each, name, side)}"))
    for judged in proof.advisories:
        word = click.style(judged.result.value, fg=_COLOURS[judged.result.value])
        click.echo(f"{printable(judged.advisory)}: {word}: {printable('; '.join(judged.reasons))}")
        click.echo(f"   claimed {len(judged.claimed)}, seen here {len(judged.seen)}")
    for warning in proof.warnings:
        click.echo(f"warning: {printable(warning)}", err=True)
    click.echo(f"{printable(proof.capsule)}: {proof.result.value} on this machine")


def _seen(evidence: "Evidence", name: str, side: "tuple[TestRun, ...]") -> str:
    """What one side showed: the verdicts of an exploit's runs, or the colours of tests."""
    words = evidence.facts.get(name)
    if isinstance(words, list):
        return f"{', '.join(words)}: {evidence.facts['exploit']}"
    return _colours(side)


def _colours(runs: "tuple[TestRun, ...]") -> str:
    """The results of one side in a line: what is red by name, what is green by number."""
    red = sorted({test for run in runs for test, status in run.results.items() if status in {"failed", "error"}})
    green = {test for run in runs for test, status in run.results.items() if status == "passed"} - set(red)
    problems = [run.problem for run in runs if run.problem]
    names = ", ".join(textwrap.shorten(each, _WIDEST, placeholder="...") for each in red[:_SHOWN])
    named = f"{len(red)} red ({names}{', ...' if len(red) > _SHOWN else ''})" if red else "0 red"
    return f"{named}, {len(green)} green{'; ' + problems[0] if problems else ''}"
