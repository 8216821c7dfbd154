"""`avr affected`: which releases an advisory really affects, shown by exploits and the fix's own tests."""

from datetime import UTC, datetime
from pathlib import Path

import click

from avr import __version__
from avr.cli import progress
from avr.cli.options import format_option, sandbox_option
from avr.cli.tables import print_table
from avr.config import load
from avr.errors import ExitCode, UsageError
from avr.model.affected import RangeCheck, Shown
from avr.model.identifiers import EcosystemName

_SHOWN = 140
"""How many letters of a reason the table shows."""


@click.command()
@click.argument("package")
@click.argument("advisory")
@click.option(
    "--neighbours", type=click.IntRange(0, 20), default=1, show_default=True, help="Releases tested on each side."
)
@click.option(
    "--output", "-o", type=click.Path(file_okay=False, path_type=Path), help="Folder for the corrected record and VEX."
)
@sandbox_option
@format_option
def affected(package: str, advisory: str, neighbours: int, output: Path | None, form: str) -> int:
    """Test every release that an advisory claims, and say where the advisory is wrong.

    Exploits of the library decide; where there is none, or it comes to no verdict, the tests of upstream's fix do: red
    as the release is, green with the fix carried over.

    PACKAGE is a name or a package URL without a version; ADVISORY any id of the advisory. With --output, `osv.json`
    (the record with the ranges that were shown) and `openvex.json` (the claimed releases that are not affected) are
    written where the advisory is wrong.

    \b
    Examples:
      avr affected jinja2 CVE-2024-22195
      avr affected pkg:npm/minimist CVE-2021-44906
      avr affected pkg:pypi/werkzeug CVE-2022-29361 -o werkzeug-2022-29361
      avr affected mako CVE-2022-40023 --format json

    \b
    Exit codes: 0 the ranges hold, 1 they do not, 2 usage, 3 environment.
    """
    from avr.app.affected import Question, Tools, check
    from avr.app.fix_tests import Routes
    from avr.app.wiring import wire
    from avr.proofs.library import exploits_for

    ecosystem, name = _package(package)
    question = Question(ecosystem=ecosystem, package=name, advisory=advisory.upper(), neighbours=neighbours)
    with progress.chosen(quiet=form == "json") as shown:
        parts = wire(load())
        kit = parts.kit(question.ecosystem)
        tools = Tools(
            findings=parts.findings,
            exploits_of=exploits_for,
            progress=shown,
            routes=Routes(
                ecosystem=kit.ecosystem,
                planner=parts.planner,
                upstream_tests=parts.upstream_tests,
                tests_tree=kit.tests_tree,
                bench_of=kit.bench,
                seconds=parts.settings.suite_seconds,
            ),
        )
        found = check(question, tools)
    written = _written(found, output) if output else ()
    if form == "json":
        from avr.tools import documents

        click.echo(documents.canonical(found).decode())
    else:
        _tell(found)
        for each in written:
            click.echo(f"wrote {each}")
    return ExitCode.FINDINGS if found.disagreeing else ExitCode.OK


def _package(text: str) -> tuple[EcosystemName, str]:
    """Ecosystem and name of what a person wrote: a package URL, or the name of a package of PyPI."""
    from avr.ecosystems.schemes import canonical
    from avr.inventory.purl import parts

    if text.startswith("pkg:"):
        ecosystem, name, version = parts(text)
        if version is None:
            return ecosystem, name
    elif text and not set(text) & set(":@/"):
        return EcosystemName.PYPI, canonical(EcosystemName.PYPI, text)
    hint = "write jinja2, pkg:pypi/jinja2 or pkg:npm/lodash, no version"
    raise UsageError("affected.package", f"{text!r} is no package name", hint=hint)


def _written(found: RangeCheck, output: Path) -> tuple[Path, ...]:
    from avr.stages.deliver.ranges import corrected_record, not_affected
    from avr.tools.blobs import write_atomically

    if not found.disagreeing:
        return ()
    moment = datetime.now(UTC)
    contents = {"osv.json": corrected_record(found, moment), "openvex.json": not_affected(found, moment, __version__)}
    output.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        if data is not None:
            write_atomically(output / name, data)
    return tuple(output / name for name, data in contents.items() if data is not None)


def _tell(found: RangeCheck) -> None:
    rows = [
        [
            each.version,
            "affected" if each.claimed else "",
            each.shown.value,
            "WRONG" if each.disagrees else "",
            _short(each.why),
        ]
        for each in found.releases
    ]
    print_table(["release", "advisory says", "shown", "", "how"], rows)
    counts = {shown: sum(each.shown is shown for each in found.releases) for shown in Shown}
    told = ", ".join(f"{count} {shown.value}" for shown, count in counts.items())
    wrong = len(found.disagreeing)
    verdict = f"the advisory is wrong about {wrong}" if wrong else "the advisory's ranges hold where they were decided"
    click.echo(f"{found.advisory.name} in {found.package}: {len(found.releases)} releases tested: {told}; {verdict}")


def _short(why: str) -> str:
    """One line; `--format json` has it whole."""
    line = " ".join(why.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 3]}..."
