"""`avr fix`: the main job, from a pinned target to patched, proved and signed releases."""

from dataclasses import replace
from pathlib import Path

import click

from avr.cli import progress, tables
from avr.cli.options import format_option, git_option, only_option, sandbox_option
from avr.config import load
from avr.errors import ExitCode, UsageError
from avr.model.identifiers import Assurance
from avr.model.report import Report

_UNSAFE = """\
WARNING: NO SANDBOX. Builds, tests and exploits of others run on this machine WITHOUT ISOLATION: they can use the
WARNING: network, read every file that others may read, and see other processes. Use a machine that you throw away.
WARNING: What is shown that way counts as no evidence: no finding will be called fixed, and no release is made."""
LEVELS = [Assurance.NO_REGRESSION_SEEN.value, Assurance.FIXED.value, Assurance.PROVED_TWICE.value]


@click.command()
@click.argument("target", required=False)
@click.option("--plan", "plan_file", type=click.Path(dir_okay=False, path_type=Path), help="Run a plan saved before.")
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("avr-out"),
    show_default=True,
    help="Folder for releases, evidence and reports.",
)
@click.option("--dry-run", is_flag=True, help="Do all the work, but leave the target as it is.")
@click.option(
    "--min-assurance",
    type=click.Choice(LEVELS),
    default=Assurance.FIXED.value,
    show_default=True,
    help="The level from which a backport may be called fixed.",
)
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Your own project: its tests run with the pins and with the releases, and decide about the rewriting.",
)
@click.option(
    "--no-necessity", is_flag=True, help="Do not try whether a test notices each hunk's removal, and mutants of it."
)
@click.option("--refresh", is_flag=True, help="Forget earlier results for these components.")
@click.option(
    "--unsafe-no-sandbox",
    is_flag=True,
    help="UNSAFE: where no sandbox can be made, run code of others without isolation. Nothing is called fixed by that.",
)
@sandbox_option
@only_option
@git_option
@format_option
def fix(
    target: str | None,
    plan_file: Path | None,
    output: Path,
    dry_run: bool,
    min_assurance: str,
    project: Path | None,
    no_necessity: bool,
    refresh: bool,
    unsafe_no_sandbox: bool,
    only: tuple[str, ...],
    git: bool | None,
    form: str,
) -> int:
    """Backport the fixes onto the pinned versions, prove them, and deliver drop-in artifacts.

    TARGET is a requirements file or npm's lock file (rewritten when something was fixed; `avr undo` restores it), a
    package URL or an installed environment (both are only read).

    \b
    Examples:
      avr fix requirements.txt
      avr fix requirements.txt --dry-run --format json
      avr fix package-lock.json
      avr fix pkg:pypi/jinja2@2.11.2 -o out
      avr fix pkg:npm/minimist@1.2.5 -o out
      avr fix --plan plan.json
      avr fix requirements.txt --project .
    """
    from avr.app.factory import Factory, FixOptions

    if (target is None) == (plan_file is None):
        raise UsageError("fix.target", "give either a TARGET or --plan FILE", hint="avr fix requirements.txt")
    options = FixOptions(
        output=output,
        dry_run=dry_run,
        minimum=Assurance(min_assurance),
        refresh=refresh,
        only=only,
        project=project,
    )
    if unsafe_no_sandbox:
        _allow_no_isolation()
    quiet = form == "json"
    settings = replace(load(), necessity_seconds=0) if no_necessity else load()
    with progress.chosen(quiet=quiet) as shown, Factory(settings, git=git, progress=shown) as factory:
        result = factory.fix(target, options) if target is not None else factory.fix_plan(_required(plan_file), options)
    if quiet:
        click.echo((output / "report.json").read_text())
    else:
        _tell(result.report, output, result.notes)
    return ExitCode.FINDINGS if result.report.needs_attention else ExitCode.OK


def _allow_no_isolation() -> None:
    """Take the user's word, and say aloud what it means here."""
    from avr.tools import sandbox

    sandbox.unsafe_allow_no_isolation()
    if not sandbox.is_unsafe():
        there = sandbox.taken()
        text = f"{there} works and is used" if there else "not even that is possible here; see avr doctor"
        click.echo(f"note: --unsafe-no-sandbox changes nothing: {text}", err=True)
        return
    click.echo(click.style(_UNSAFE, fg="red", bold=True), err=True)


def _required(path: Path | None) -> Path:
    assert path is not None
    return path


def _tell(report: Report, output: Path, notes: tuple[str, ...]) -> None:
    tables.print_report(report)
    for each in report.unresolved:
        click.echo(f"passed over: {each.text!r}: {each.why} [{each.code}]", err=True)
    counted = sum(len(component.findings) for component in report.components)
    click.echo(f"{counted - len(report.remaining)} of {counted} findings closed; {report.clean} components had none")
    for line in tables.necessity(report):
        click.echo(line)
    for note in notes:
        click.echo(note)
    click.echo(f"report: {output / 'report.html'}")
