"""Reads what `avr backport` works on from a git repository: commits as fixes, a lazily read pin, what was noticed."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from avr.app.backport.remarks import noticed, without_unportable
from avr.app.backport.request import Options, Remark, Request
from avr.errors import AvrError, UsageError
from avr.model.backport import Hunk
from avr.model.fix import Fix, FixRoute
from avr.model.identifiers import AdvisoryId, CommitId
from avr.model.source import SourceTree
from avr.stages.plan.changeset import between
from avr.tools.git import Commit, Repository
from avr.tools.git_blobs import BlobReader
from avr.tools.git_own import LINK, SUBMODULE, Entry, entries, history, lazy_tree, look_up, parent_of

_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{7,40})", re.MULTILINE)
_REVERT_SUBJECT = re.compile(r"(?i)revert\b")
_MOST_COMMITS = 10


def from_git(repository: Repository, fixes: Sequence[str], onto: str, options: Options, reader: BlobReader) -> Request:
    """The commits `fixes` as fixes for the tree of `onto`, in the given order.

    Raises `UsageError` `backport.unknown-revision`, `backport.shallow`, `backport.empty-fix` or `backport.too-big`,
    `AvrError` `git.*` where the repository is broken.
    """
    target = look_up(repository, onto)
    commits = [repository.commit(look_up(repository, each)) for each in fixes]
    pin = lazy_tree(repository, target, reader)
    read = [_fix(repository, commit) for commit in commits]
    parent = parent_of(repository, commits[0])
    portable = [without_unportable(fix, pin) for fix in read]
    remarks = (
        _of_commit(repository, commit, target, fix, options, unportable)
        for commit, (fix, unportable) in zip(commits, portable, strict=True)
    )
    return Request(
        pin=pin,
        onto=onto,
        fixes=tuple(fix for fix, _ in portable),
        upstream=lazy_tree(repository, parent, reader) if parent else SourceTree(files={}),
        remarks=tuple(chain.from_iterable(remarks)),
        history=lambda fix, hunk: _history(repository, target, fix, hunk),
    )


def _fix(repository: Repository, commit: Commit) -> Fix:
    try:
        files = between(repository, parent_of(repository, commit), commit.id, ())
    except AvrError as error:
        if error.code != "plan.too-big":
            raise
        hint = "name the commits it is made of, each with a --fix of its own"
        raise UsageError("backport.too-big", error.message, hint=hint) from error
    return Fix(
        advisory=AdvisoryId(commit.id),
        route=FixRoute.COMMIT,
        files=files,
        confidence=1.0,
        reasons=(commit.body,),
        commits=(commit.id,),
        author=commit.author,
        subject=commit.subject,
    )


def _of_commit(
    repository: Repository,
    commit: Commit,
    target: CommitId,
    fix: Fix,
    options: Options,
    unportable: Sequence[Remark],
) -> Iterator[Remark]:
    changed = entries(repository, parent_of(repository, commit), commit.id)
    short = commit.id[:12]
    if not changed:
        hint = "name the commit that holds the change"
        raise UsageError("backport.empty-fix", f"{short!r} ({commit.subject[:60]!r}) changes no file", hint=hint)
    if repository.is_ancestor(commit.id, target):
        message = f"{short} is part of the target's history already; it may have been reverted or changed since"
        yield Remark(code="backport.in-history", message=message)
    if len(commit.parents) > 1:
        message = f"{short} is a merge: it is taken as what it brought to its first parent"
        yield Remark(code="backport.merge-commit", message=message)
    reverted = _REVERTS.search(commit.body)
    if reverted or _REVERT_SUBJECT.match(commit.subject):
        what = reverted[1][:12] if reverted else "an earlier change"
        message = f"{short} is a revert of {what}: what it took back is taken back in the target"
        yield Remark(code="backport.revert", message=message)
    yield from _special(changed)
    yield from unportable
    if fix.files or not unportable:
        yield from noticed(fix, options)


def _special(changed: Sequence[Entry]) -> Iterator[Remark]:
    """Links, submodules and execute bits: what is more than the content of a file."""
    for mode, code, what in ((SUBMODULE, "submodule", "submodules"), (LINK, "symlink", "symbolic links")):
        paths = tuple(each.path for each in changed if mode in {each.mode_before, each.mode_after})
        if paths:
            message = f"the fix changes {what}: they are not carried over"
            yield Remark(code=f"backport.{code}", message=message, paths=paths, blocking=True)
    files = [
        each for each in changed if each.mode_after.startswith("100") and each.mode_before not in {LINK, SUBMODULE}
    ]
    paths = tuple(each.path for each in files if each.mode_after != max(each.mode_before, "100644"))
    if paths:
        message = "the fix changes who may execute a file: set that by hand with `chmod`"
        yield Remark(code="backport.mode-change", message=message, paths=paths)


def _history(repository: Repository, target: CommitId, fix: Fix, hunk: Hunk) -> tuple[str, ...]:
    """What happened to a hunk's lines between the fork point and the fix, bounded in time and number."""
    change = next((each for each in fix.files if each.path == hunk.path), None)
    commit = fix.commits[-1]
    base = repository.merge_base(target, commit)
    if change is None or change.path_before is None or base is None:
        return ()
    parent = f"{commit}^1"
    lines = (change.before or b"").count(b"\n") + 1
    first, last = max(hunk.start - 1, 1), min(hunk.start + max(len(hunk.removed), 1), lines)
    try:
        return history(repository, f"{base}..{parent}", change.path_before, first, max(first, last), _MOST_COMMITS)
    except AvrError as error:
        if error.code in {"git.failed", "git.timeout", "git.too-big"}:
            return ()
        raise
