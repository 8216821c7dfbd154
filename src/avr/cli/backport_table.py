"""What `avr backport` tells people: the table of hunks, remarks, conditions, evidence, siblings."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import click
from rich.text import Text

from avr.cli.tables import print_table
from avr.model.backport import Hunk, HunkStatus
from avr.model.fix import ChangeKind

if TYPE_CHECKING:
    from avr.app.backport.carry import Carried
    from avr.stages.patch.pack import HunkEvidence

_STYLES = {
    HunkStatus.PLACED: "green",
    HunkStatus.PRESENT: "green",
    HunkStatus.UNNEEDED: "yellow",
    HunkStatus.UNPLACED: "red",
}
_SHOWN_PATHS = 8
_SHOWN_SITE_LINES = 3


def progress(stack: ExitStack, *, quiet: bool) -> Callable[[str], None]:
    """A spinner on a terminal, nothing in a pipe or when `quiet`."""
    if quiet or not sys.stderr.isatty():
        return _hush
    from rich.console import Console

    status = stack.enter_context(Console(stderr=True).status("reading"))
    return lambda message: status.update(printable(message))


def _hush(message: str) -> None:
    del message


def show(carried: "Carried", *, stderr: bool) -> None:
    """Everything a maintainer wants to know, on one stream."""
    say = partial(click.echo, err=stderr)
    for each in carried.backport.ported:
        say(printable(f"{', '.join(commit[:12] for commit in each.fix.commits) or 'fix'}  {each.fix.subject}"))
        rows = [_row(hunk) for hunk in each.hunks]
        if rows:
            print_table(["upstream", "target", "rung", "status", "origin", "why"], rows, stderr=stderr)
    for line in (*_remarks(carried), *_evidence(carried), *_siblings(carried), *_conditions(carried)):
        say(printable(line))
    say(printable(_closing(carried)))


def printable(text: str) -> str:
    """Text of others without anything that could steer a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text.replace("\t", "    "))


def _row(hunk: Hunk) -> list[str | Text]:
    target = hunk.target or "-"
    status = Text(hunk.status.value, style=_STYLES[hunk.status])
    name = f"{hunk.path}:{hunk.start}"
    why = hunk.tried[-1] if hunk.tried and hunk.status in {HunkStatus.UNPLACED, HunkStatus.UNNEEDED} else ""
    if hunk.kind is ChangeKind.DOCS:
        why = f"(comments only) {why}".strip()
    place = f"{target}:{hunk.line}" if hunk.line is not None else target
    return [printable(name), printable(place), str(hunk.rung or "-"), status, str(hunk.origin or "-"), printable(why)]


def _remarks(carried: "Carried") -> Iterator[str]:
    for each in carried.remarks:
        shown = ", ".join(each.paths[:_SHOWN_PATHS]) + (", ..." if len(each.paths) > _SHOWN_PATHS else "")
        word = "needs a look" if each.blocking else "note"
        yield f"{word}[{each.code}]: {each.message}{': ' if shown else ''}{shown}"


def _conditions(carried: "Carried") -> Iterator[str]:
    held = [each.name for each in carried.conditions if each.holds]
    yield f"checked: {', '.join(held)}"
    yield from (
        f"needs a look[backport.condition]: {each.name}: {each.detail}" for each in carried.conditions if not each.holds
    )


def _evidence(carried: "Carried") -> Iterator[str]:
    for pack in carried.evidence:
        yield f"no certain place[backport.unplaced-hunk]: {pack.hunk.path}:{pack.hunk.start}"
        yield from (f"    - {line}" for line in pack.hunk.removed)
        yield from (f"    + {line}" for line in pack.hunk.added)
        yield from (f"  tried {reason}" for reason in pack.hunk.tried)
        yield from _pack(pack)


def _pack(pack: "HunkEvidence") -> Iterator[str]:
    for site in pack.sites:
        yield f"  might be {site.path}:{site.line} (score {site.score:.2f})"
        yield from (f"    | {line}" for line in site.lines[:_SHOWN_SITE_LINES])
    for symbol in pack.symbols:
        if not symbol.defined:
            known = f"used in {symbol.files} files, defined in none" if symbol.files else "nowhere in the target"
            yield f"  {symbol.name}: {known}"
    yield from (f"  changed before the fix by {line}" for line in pack.history)


def _siblings(carried: "Carried") -> Iterator[str]:
    for each in carried.backport.siblings:
        line = each.lines[0].strip() if each.lines else ""
        yield f"sibling[backport.sibling]: {each.path}:{each.line}: {line}  ({each.why}, {each.like_hunk})"


def _closing(carried: "Carried") -> str:
    hunks = [hunk for each in carried.backport.ported for hunk in each.hunks]
    counts = [(status, sum(hunk.status is status for hunk in hunks)) for status in HunkStatus]
    told = ", ".join(f"{count} {status.value}" for status, count in counts if count) or "no hunk"
    if carried.complete and not carried.changed:
        return f"complete: {told}; the target holds the change already"
    return (
        f"{'complete' if carried.complete else 'incomplete, needs a look'}: {told}; {len(carried.changed)} files change"
    )
