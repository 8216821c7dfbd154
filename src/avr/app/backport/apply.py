"""Writes a complete backport into the checked-out work tree: contents only, nothing staged, nothing committed."""

import re
from pathlib import Path, PurePosixPath

from avr.app.backport.carry import Carried
from avr.errors import AvrError, UsageError
from avr.tools.blobs import disk_errors, write_atomically
from avr.tools.git import Repository
from avr.tools.git_own import look_up, work_tree
from avr.tools.git_process import run


def check_work_tree(repository: Repository, folder: Path, onto: str) -> Path:
    """The root of the work tree, if `onto` is checked out there and nothing was changed.

    Raises `UsageError` `backport.no-work-tree`, `backport.not-checked-out` or `backport.dirty`.
    """
    root = work_tree(folder)
    if root is None:
        hint = "leave out --apply and use the patch"
        raise UsageError("backport.no-work-tree", f"{str(folder)!r} has no work tree", hint=hint)
    if look_up(repository, "HEAD") != look_up(repository, onto):
        hint = f"`git switch --detach {onto}` first, or leave out --apply and use the patch"
        raise UsageError("backport.not-checked-out", f"{onto!r} is not what is checked out", hint=hint)
    if _dirty(repository, root):
        hint = "commit or stash what was changed first"
        raise UsageError("backport.dirty", f"the work tree {str(root)!r} has changes", hint=hint)
    return root


def apply(carried: Carried, root: Path) -> None:
    """Write every changed file; raises `UsageError` `backport.changed-on-disk` before anything is written.

    A file whose bytes on disk are not git's own (line ends or a filter at work) is such a one.
    """
    for path in carried.changed:
        _check(root, path, carried.request.pin.get(path))
    for path in carried.changed:
        target, data = root / path, carried.result.get(path)
        if data is None:
            with disk_errors(target):
                target.unlink()
            continue
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        write_atomically(target, data)
        target.chmod(mode)


def _check(root: Path, path: str, expected: bytes | None) -> None:
    place = root / path
    parts = PurePosixPath(path).parts
    linked = any(root.joinpath(*parts[:count]).is_symlink() for count in range(1, len(parts) + 1))
    there = place.read_bytes() if place.is_file() and not linked else None
    if linked or ".." in parts or parts[0] == ".git" or there != expected or (expected is None and place.exists()):
        hint = "leave out --apply and use the patch with `git apply`"
        raise UsageError("backport.changed-on-disk", f"{path!r} on disk is not the file that git holds", hint=hint)


def _dirty(repository: Repository, root: Path) -> bool:
    """Whether tracked files or the index differ from HEAD; no filter program of the repository is run."""
    place = f"--git-dir={repository.directory}"
    quiet = [part for name in _filters(place) for part in ("-c", f"{name}=")]
    out = run([place, f"--work-tree={root}", *quiet, "status", "--porcelain", "-z", "--untracked-files=no"])
    return bool(out)


def _filters(place: str) -> list[str]:
    try:
        out = run([place, "config", "--name-only", "-z", "--get-regexp", r"^filter\..*\.(clean|smudge|process)$"])
    except AvrError as error:
        if error.code == "git.failed":
            return []
        raise
    names = out.decode("utf-8", "replace").split("\0")
    return [name for name in names if re.fullmatch(r"filter\.[^=\n]+", name)]
