"""Arguments and options that several verbs share."""

import os

import click

from avr.config import SANDBOXES

git_option = click.option(
    "--git/--no-git", default=None, help="Whether upstream git is asked for fixes.  [default: yes, or AVR_GIT]"
)

format_option = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Output form."
)

only_option = click.option("--only", multiple=True, metavar="ID", help="Work on this advisory only; may be repeated.")


def _take(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """A word at the command line stands before the variable, for this process."""
    del context, parameter
    if value is not None:
        os.environ["AVR_SANDBOX"] = value


sandbox_option = click.option(
    "--sandbox",
    type=click.Choice(SANDBOXES),
    expose_value=False,
    callback=_take,
    help="What isolates code of others.  [default: AVR_SANDBOX, or auto: the first that works]",
)
