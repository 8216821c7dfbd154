"""Turns commits of a repository into the file changes of a fix, and composes those that belong together."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from avr.errors import AvrError
from avr.model.fix import ChangeKind, FileChange
from avr.stages.plan.kinds import classify
from avr.stages.plan.lines import code_hunks
from avr.tools.git import ChangedFile, Commit, Repository, merged

MAX_FILES = 400
"""A change of more files is no fix but a reorganisation."""


def of_commit(repository: Repository, commit: Commit, packages: Collection[str]) -> tuple[FileChange, ...]:
    """The files that a commit changes; a merge is compared with its first parent.

    Raises `AvrError` `plan.too-big` for a change of more than `MAX_FILES` files, `git.*` where contents are missing.
    """
    return between(repository, commit.parents[0] if commit.parents else None, commit.id, packages)


def between(
    repository: Repository, before: str | None, after: str, packages: Collection[str]
) -> tuple[FileChange, ...]:
    """The files that differ between two commits."""
    changed = repository.changes(before, after)
    if len(changed) > MAX_FILES:
        raise AvrError("plan.too-big", f"{after[:12]!r} changes {len(changed)} files", hint="it is no single fix")
    blobs = repository.blobs(id_ for each in changed for id_ in (each.blob_before, each.blob_after) if id_)
    return tuple(_file(each, blobs, packages) for each in changed)


def fixes_code(files: Sequence[FileChange]) -> bool:
    """Whether a change touches code in more than comments and version numbers."""
    binary = any(
        b"\0" in (each.after or b"") and each.before != each.after for each in files if each.kind is ChangeKind.CODE
    )
    return binary or any(True for _ in code_hunks(files))


def composed(first: Sequence[FileChange], second: Sequence[FileChange]) -> tuple[FileChange, ...] | None:
    """Both changes as one, the second on top of the first; None where they cannot be put together without a doubt.

    Where other commits touched a file in between, the second change is merged onto the first one's result, so that
    what came between stays out.
    """
    result = {each.path: each for each in first}
    for change in second:
        earlier = result.pop(change.path_before or change.path, None)
        if earlier is None:
            result[change.path] = change
            continue
        both = _onto(earlier, change)
        if both is None:
            return None
        result[both.path] = both
    return tuple(each for each in result.values() if each.before != each.after or each.path_before != each.path_after)


def _onto(earlier: FileChange, later: FileChange) -> FileChange | None:
    if earlier.after == later.before:
        return replace(earlier, path_after=later.path_after, after=later.after)
    if earlier.after is None or later.before is None or later.after is None:
        return None
    after = merged(earlier.after, later.before, later.after)
    return None if after is None else replace(earlier, path_after=later.path_after, after=after)


def _file(each: ChangedFile, blobs: dict[str, bytes], packages: Collection[str]) -> FileChange:
    path = each.path_after or each.path_before
    assert path is not None, "git names at least one side"
    return FileChange(
        path_before=each.path_before,
        path_after=each.path_after,
        before=blobs[each.blob_before] if each.blob_before else None,
        after=blobs[each.blob_after] if each.blob_after else None,
        kind=classify(path, packages),
    )
