"""`avr undo`: put back the requirements files that `avr fix` rewrote, byte for byte."""

from pathlib import Path

import click


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Restore even where the file was changed since.")
def undo(file: Path | None, force: bool) -> None:
    """Restore FILE as it was before the last `avr fix`; without FILE, all files of the last `avr fix`.

    A file that was changed since is left alone unless --force is given.

    \b
    Examples:
      avr undo
      avr undo requirements.txt
    """
    from avr.config import load
    from avr.stages.deliver.ledger import Ledger

    for path in Ledger(load().home / "ledger").undo(file, force=force):
        click.echo(f"restored {path}")
