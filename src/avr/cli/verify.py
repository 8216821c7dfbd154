"""`avr verify`: check a release folder against signatures, the registry, a rebuild and its own proof."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from avr.cli.options import sandbox_option
from avr.errors import UsageError

if TYPE_CHECKING:
    from avr.verify.result import Check, Verification

_MARKS = {"passed": ("ok", "green"), "failed": ("FAILED", "red"), "unchecked": ("not checked", "yellow")}


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="Public key (PEM) of whom you trust.")
@click.option("--rerun", is_flag=True, help="Run the security tests again, before and after the patch.")
@sandbox_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def verify(folder: Path, key: Path | None, rerun: bool, form: str) -> int:
    """Check the output FOLDER of `avr fix`, trusting nobody.

    Signatures and digests are checked, the originals are fetched from the package index and compared, the patches are
    applied again, the artifacts are rebuilt and compared byte by byte, and every claimed level must follow from the
    recorded evidence.

    \b
    Examples:
      avr verify avr-out
      avr verify avr-out --key trusted.pem --rerun
    \b
    Exit codes: 0 all holds, 2 no such folder, 3 something could not be checked, 4 something disagrees.
    """
    from avr.app.wiring import wire
    from avr.config import load
    from avr.verify.act import Request, verify_folder

    request = Request(folder=folder, key=public_key(key) if key else None, rerun=rerun)
    parts = wire(load())
    tell = _say if form == "text" else _hush
    result = verify_folder(request, parts.ecosystem_of, parts.upstream_tests, tell)
    _close(result, form)
    return result.exit_code


def public_key(path: Path) -> bytes:
    """The bytes of a public key's file; raises `UsageError` `verify.key` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        hint = "name the public-key.pem of whoever made the release"
        raise UsageError("verify.key", f"cannot read {str(path)!r}: {error.strerror}", hint=hint) from error


def _say(check: "Check") -> None:
    word, colour = _MARKS[check.state]
    name = f"{check.part}: {check.name}" if check.part != "." else check.name
    click.echo(f"{click.style(f'{word:<11}', fg=colour)} {printable(name)}: {printable(check.detail)}")


def _hush(check: "Check") -> None:
    del check


def printable(text: str) -> str:
    """Text of others without anything that could steer a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _close(result: "Verification", form: str) -> None:
    if form == "json":
        import json

        click.echo(json.dumps({**asdict(result), "exit_code": int(result.exit_code)}, indent=1))
        return
    for each in result.warnings:
        click.echo(f"warning: {each}", err=True)
    failed = sum(each.state == "failed" for each in result.checks)
    missing = sum(each.state == "unchecked" for each in result.checks)
    words = "everything holds" if not failed + missing else f"{failed} checks failed, {missing} could not be made"
    click.echo(f"{result.folder}: {words}")
