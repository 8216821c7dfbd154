"""`avr backport`: carry upstream changes onto another branch or source tree, where `git cherry-pick` would conflict."""

import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from avr.cli.options import format_option
from avr.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from avr.app.backport.carry import Carried
    from avr.app.backport.request import Options, Request

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--repo", type=_FOLDER, help="A git repository; it is only read, unless --apply is given.")
@click.option("--fix", "fixes", multiple=True, metavar="COMMIT", help="A commit to carry over; repeat, oldest first.")
@click.option("--onto", metavar="REF", help="The branch, tag or commit that needs the fix.")
@click.option("--before", type=_FOLDER, help="Without git: the source before the fix, ...")
@click.option("--after", type=_FOLDER, help="... the source after it, ...")
@click.option("--pin", type=_FOLDER, help="... and the source that needs it.")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write the patch there.")
@click.option("--apply", "apply_", is_flag=True, help="Write into the clean work tree of --onto, if all was placed.")
@click.option(
    "--include-tests/--no-tests", "tests", default=True, help="Whether tests are carried too.  [default: yes]"
)
@click.option("--minimum", metavar="VERSION", help="The oldest runtime that the result must run on, such as 3.6.")
@format_option
def backport(
    repo: Path | None,
    fixes: tuple[str, ...],
    onto: str | None,
    before: Path | None,
    after: Path | None,
    pin: Path | None,
    output: Path | None,
    apply_: bool,
    tests: bool,
    minimum: str | None,
    form: str,
) -> int:
    """Carry fixes onto another branch or source tree: what cherry-pick does, where cherry-pick conflicts.

    The patch goes to standard output, the table of hunks to standard error. A hunk without a certain place is never
    guessed: it is listed with the best candidates, and the exit code is 1. Documentation, changelogs, packaging and
    version numbers are left out.

    \b
    Examples:
      avr backport --repo . --fix 1a2b3c4 --onto stable-2.x | git apply
      avr backport --repo . --fix main~1 --fix main --onto v2.3.0 -o fix.patch
      avr backport --repo . --fix 1a2b3c4 --onto HEAD --apply
      avr backport --before pkg-2.0 --after pkg-2.0.1 --pin pkg-1.4 --format json
    \b
    Exit codes: 0 complete, 1 something needs a look, 2 usage, 3 environment.
    """
    from avr.app.backport.carry import carry
    from avr.app.backport.request import Options
    from avr.cli import backport_table

    _check_usage(repo, fixes, onto, (before, after, pin), apply_=apply_)
    options = Options(tests=tests, minimum=_version(minimum))
    quiet = form == "json"
    with ExitStack() as stack:
        tell = backport_table.progress(stack, quiet=quiet)
        tell("reading the fix")
        if repo is not None and onto is not None:
            root = _work_tree(repo, onto) if apply_ else None
            request = _from_git(stack, repo, fixes, onto, options)
        else:
            root, request = None, _from_folders(before, after, pin, options)
        carried = carry(request, options, tell)
        _write(carried, output, root, form)
    if not quiet:
        backport_table.show(carried, stderr=output is None and root is None)
        _tell_written(carried, output, root)
    return ExitCode.OK if carried.complete else ExitCode.FINDINGS


def _check_usage(
    repo: Path | None, fixes: tuple[str, ...], onto: str | None, folders: tuple[Path | None, ...], *, apply_: bool
) -> None:
    git, plain = repo is not None or bool(fixes) or onto is not None, any(each is not None for each in folders)
    if git == plain:
        hint = "avr backport --repo . --fix COMMIT --onto REF"
        raise UsageError("backport.usage", "give either --repo, --fix and --onto, or three folders", hint=hint)
    if git and (repo is None or not fixes or onto is None):
        hint = "avr backport --repo . --fix COMMIT --onto REF"
        raise UsageError("backport.usage", "--repo, --fix and --onto go together", hint=hint)
    if plain and not all(each is not None for each in folders):
        hint = "avr backport --before DIR --after DIR --pin DIR"
        raise UsageError("backport.usage", "--before, --after and --pin go together", hint=hint)
    if plain and apply_:
        raise UsageError("backport.usage", "--apply needs a git repository", hint="use the patch with `patch -p1`")


def _version(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}", text):
        raise UsageError("backport.minimum", f"{text!r} is no version of a runtime", hint="such as --minimum 3.6")
    major, minor = (*text.split("."), "0")[:2]
    return int(major), int(minor)


def _work_tree(repo: Path, onto: str) -> Path:
    from avr.app.backport.apply import check_work_tree
    from avr.tools.git_own import open_repository

    return check_work_tree(open_repository(repo), repo, onto)


def _from_git(stack: ExitStack, repo: Path, fixes: tuple[str, ...], onto: str, options: "Options") -> "Request":
    from avr.app.backport.commits import from_git
    from avr.tools.git_blobs import BlobReader
    from avr.tools.git_own import open_repository

    repository = open_repository(repo)
    return from_git(repository, fixes, onto, options, stack.enter_context(BlobReader(repository)))


def _from_folders(before: Path | None, after: Path | None, pin: Path | None, options: "Options") -> "Request":
    from avr.app.backport.folders import from_folders

    assert before is not None, "checked before"
    assert after is not None, "checked before"
    assert pin is not None, "checked before"
    return from_folders(before, after, pin, options)


def _write(carried: "Carried", output: Path | None, root: Path | None, form: str) -> None:
    """The patch to its file, the files to the work tree, patch or document to standard output."""
    from avr.app.backport.apply import apply
    from avr.tools.blobs import write_atomically

    if root is not None and carried.complete:
        apply(carried, root)
    if output is not None:
        write_atomically(output, carried.patch)
    if form == "json":
        from avr.app.backport.document import document

        click.echo(document(carried).decode())
    elif output is None and root is None:
        sys.stdout.buffer.write(carried.patch)
        sys.stdout.flush()


def _tell_written(carried: "Carried", output: Path | None, root: Path | None) -> None:
    if output is not None:
        click.echo(f"patch: {output}")
    if root is not None and carried.complete:
        click.echo(f"written into {root}: {len(carried.changed)} files, nothing staged; look at `git diff`")
    elif root is not None:
        click.echo("nothing was written: the backport is not complete; see the table, and use --output for its parts")
