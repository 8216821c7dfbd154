"""What `avr backport` is asked, once everything was read: the fixes as values, the pin, and what was noticed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from avr.model.backport import Hunk
from avr.model.fix import ChangeKind, FileChange, Fix
from avr.model.source import SourceTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something about the input that a person should know, with a stable dotted code.

    `blocking` means that a part of the fix was not carried over: the backport cannot be called complete.
    """

    code: str
    message: str
    paths: tuple[str, ...] = ()
    blocking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user chose: `tests` carries the fixes' tests too, `minimum` is the runtime the result must run on."""

    tests: bool = True
    minimum: tuple[int, int] | None = None


History = Callable[[Fix, Hunk], Sequence[str]]
"""The commits between fork point and fix that changed the lines of a hunk, newest first; empty where unknown."""


def no_history(fix: Fix, hunk: Hunk) -> Sequence[str]:
    """Nothing is known of how the files came to be."""
    del fix, hunk
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The fixes in the order in which they are stacked on `pin`; `onto` is what the user calls the pin.

    `upstream` is the whole tree before the first of them.
    """

    pin: SourceTree
    onto: str
    fixes: tuple[Fix, ...]
    upstream: SourceTree
    remarks: tuple[Remark, ...] = ()
    history: History = no_history


def dropped(fix: Fix, options: Options) -> tuple[FileChange, ...]:
    """The files of a fix that are never carried over: documentation, build settings, and tests where not wanted."""
    kinds = {ChangeKind.DOCS, ChangeKind.BUILD} | (set() if options.tests else {ChangeKind.TEST})
    return tuple(change for change in fix.files if change.kind in kinds)
