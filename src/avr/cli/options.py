"""Arguments and options that several verbs share."""

import click

git_option = click.option(
    "--git/--no-git", default=None, help="Whether upstream git is asked for fixes.  [default: yes, or AVR_GIT]"
)

format_option = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Output form."
)

only_option = click.option("--only", multiple=True, metavar="ID", help="Work on this advisory only; may be repeated.")
