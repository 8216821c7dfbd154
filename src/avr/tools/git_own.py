"""A repository on this machine that somebody names: opened, asked for what people write, its trees read lazily.

It is read as carefully as one of a stranger: see `avr.tools.git`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from avr.errors import AvrError, UsageError
from avr.model.identifiers import CommitId
from avr.model.source import LazyFiles, SourceTree
from avr.tools.git import Commit, Repository
from avr.tools.git_blobs import BlobReader
from avr.tools.git_process import run

LINK, SUBMODULE = "120000", "160000"
"""Git's modes of a symbolic link and of a submodule."""

_EXECUTABLE = "100755"
_REVISION = re.compile(r"[^-\s\x00-\x1f\x7f][^\s\x00-\x1f\x7f]*")
_SHALLOW = "get the missing history with `git fetch --unshallow`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A path that differs between two commits with git's modes before and after, `000000` where there is nothing."""

    path: str
    mode_before: str
    mode_after: str


def open_repository(folder: Path) -> Repository:
    """The repository that `folder` is, or lies in; raises `UsageError` `backport.not-a-repository`."""
    try:
        found = run(["-C", str(folder), "rev-parse", "--absolute-git-dir"]).decode("utf-8", "surrogateescape")
    except AvrError as error:
        if error.code != "git.failed":
            raise
        hint = "name a git repository with --repo, or two folders with --before and --after"
        raise UsageError("backport.not-a-repository", f"{str(folder)!r} is no git repository", hint=hint) from error
    return Repository(directory=Path(found.rstrip("\n")), name=str(folder), url=str(folder))


def work_tree(folder: Path) -> Path | None:
    """The root of the work tree that `folder` lies in; None in a bare repository."""
    try:
        found = run(["-C", str(folder), "rev-parse", "--show-toplevel"]).decode("utf-8", "surrogateescape")
    except AvrError as error:
        if error.code == "git.failed":
            return None
        raise
    return Path(found.rstrip("\n"))


def look_up(repository: Repository, revision: str) -> CommitId:
    """The commit that people name by hash, tag, branch or `main~3`.

    Raises `UsageError` `backport.unknown-revision`, or `backport.shallow` where the history was cut off.
    """
    if ".." in revision:
        hint = "name each commit with a --fix of its own, oldest first"
        raise UsageError("backport.range", f"{revision!r} is a range, not a commit", hint=hint)
    if _REVISION.fullmatch(revision):
        wanted = ("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        try:
            return CommitId(_git(repository, *wanted).decode().strip())
        except AvrError as error:
            if error.code != "git.failed":
                raise
    if is_shallow(repository):
        message = f"{repository.name!r} has no commit {revision!r}, and its history is cut off (a shallow clone)"
        raise UsageError("backport.shallow", message, hint=_SHALLOW)
    message = f"{repository.name!r} has no commit {revision!r}"
    raise UsageError("backport.unknown-revision", message, hint="`git fetch` it, or check the name")


def is_shallow(repository: Repository) -> bool:
    """Whether the history is cut off."""
    return _git(repository, "rev-parse", "--is-shallow-repository").strip() == b"true"


def parent_of(repository: Repository, commit: Commit) -> CommitId | None:
    """The commit that a change is told from: the first parent, None for a root.

    Raises `UsageError` `backport.shallow` where git only believes that it is a root.
    """
    if commit.parents:
        return commit.parents[0]
    head = _git(repository, "cat-file", "commit", commit.id).partition(b"\n\n")[0]
    if b"\nparent " in head:
        message = f"{repository.name!r} has {commit.id[:12]!r} but not the commit before it (a shallow clone)"
        raise UsageError("backport.shallow", message, hint=_SHALLOW)
    return None


def lazy_tree(repository: Repository, revision: str, reader: BlobReader) -> SourceTree:
    """All regular files of a commit, read when asked for; links and submodules are left out."""
    listed = _git(repository, "ls-tree", "-r", "-z", "--full-tree", revision)
    blobs: dict[str, str] = {}
    executable: set[str] = set()
    for record in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
        head, _, path = record.partition("\t")
        if head.startswith("100"):
            mode, _, blobs[path] = head.split(" ")
            if mode == _EXECUTABLE:
                executable.add(path)
    files = LazyFiles(paths=frozenset(blobs), read=lambda path: reader.read(blobs[path]))
    return SourceTree(files=files, executable=frozenset(executable))


def entries(repository: Repository, before: str | None, after: str) -> tuple[Entry, ...]:
    """Every path that differs between two commits, whatever it is; `before` None is the empty tree."""
    ends = [before, after] if before else ["--root", "--no-commit-id", after]
    raw = _git(repository, "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", *ends)
    return tuple(_entries(raw))


def history(repository: Repository, revisions: str, path: str, first: int, last: int, count: int) -> tuple[str, ...]:
    """The latest commits of a range that changed lines `first` to `last` of a file, as `hash date subject`."""
    lines = f"-L{first},{last}:{path}"
    shape = ("log", "--no-patch", f"--max-count={count}", "--format=%h %cs %s", "--no-ext-diff", "--no-textconv")
    out = run([f"--git-dir={repository.directory}", *shape, lines, revisions], seconds=20, limit=1 << 20)
    return tuple(out.decode("utf-8", "replace").splitlines())


def _entries(raw: bytes) -> Iterator[Entry]:
    fields = iter(raw.split(b"\0"))
    for head in fields:
        if head.startswith(b":"):
            mode_before, mode_after, *_ = head[1:].decode().split(" ")
            path = next(fields).decode("utf-8", "surrogateescape")
            yield Entry(path=path, mode_before=mode_before, mode_after=mode_after)


def _git(repository: Repository, *arguments: str) -> bytes:
    return run([f"--git-dir={repository.directory}", *arguments], limit=64 << 20)
