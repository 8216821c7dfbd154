"""`avr plan`: what would be done, printed and saved, before anything is written."""

from pathlib import Path

import click

from avr.cli import progress, tables
from avr.cli.options import format_option, git_option, only_option
from avr.config import load
from avr.errors import ExitCode


@click.command()
@click.argument("target")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Save for `avr fix --plan`.")
@only_option
@git_option
@format_option
def plan(target: str, output: Path | None, only: tuple[str, ...], git: bool | None, form: str) -> int:
    """Say where each fix would come from and whether the pin is affected at all.

    TARGET is a requirements file, a package URL or an installed environment.

    \b
    Examples:
      avr plan requirements.txt
      avr plan pkg:pypi/jinja2@2.11.2 -o plan.json && avr fix --plan plan.json
    """
    from avr.app.factory import Factory
    from avr.app.plans import as_json, save

    with progress.chosen(quiet=form == "json") as shown, Factory(load(), git=git, progress=shown) as factory:
        plans = factory.plan(target, only)
    if output is not None:
        save(output, plans)
        click.echo(f"saved to {output}", err=True)
    if form == "json":
        click.echo(as_json(plans))
    else:
        tables.print_plans(plans)
        _tell_passed_over(plans.unresolved)
    return ExitCode.FINDINGS if plans.plans else ExitCode.OK


def _tell_passed_over(unresolved: object) -> None:
    assert isinstance(unresolved, tuple)
    for each in unresolved:
        click.echo(f"passed over: {each.text!r}: {each.why} [{each.code}]", err=True)
