"""Upstream git, read only: what the planner asks of a repository.

Repositories are hostile input. Reading runs no hook, filter, pager or helper, follows no replacement refs and reaches
no network; time and output are bounded. Nothing is ever written into a repository of a mirror.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from avr.errors import AvrError
from avr.model.identifiers import CommitId
from avr.model.source import SourceTree
from avr.tools.git_process import run

_FORMAT = "%H%x00%P%x00%an <%ae>%x00%ct%x00%s%x00%b%x00%x01"
MAX_FILE = 32 << 20
"""The largest file that is read, in bytes."""
_MAX_TREE = 512 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What a commit says of itself; `author` is `name <address>`, `body` the message below the subject."""

    id: CommitId
    parents: tuple[CommitId, ...]
    author: str
    date: datetime
    subject: str
    body: str

    @property
    def message(self) -> str:
        """Subject and body."""
        return f"{self.subject}\n\n{self.body}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """One regular file that differs between two commits; None stands for a side without it."""

    path_before: str | None
    path_after: str | None
    blob_before: str | None
    blob_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A git directory; `name` is `owner/name` as asked for, `url` the address that people open.

    `lazy` tells that missing file contents may be fetched on demand (a partial clone of ours). Methods raise
    `AvrError` `git.*` where the repository is broken, too big or lacks an object.
    """

    directory: Path
    name: str
    url: str
    lazy: bool = False

    def resolve(self, revision: str) -> CommitId | None:
        """The commit that a hash, tag or branch names, or None."""
        if not re.fullmatch(r"[A-Za-z0-9_][^\s~^:?*\[\\\x00-\x1f]*", revision) or ".." in revision:
            return None
        try:
            out = self._git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", limit=1000)
        except AvrError as error:
            if error.code == "git.failed":
                return None
            raise
        return CommitId(out.decode().strip())

    def commit(self, revision: str) -> Commit:
        """What a commit says of itself."""
        found = self.log([revision], count=1)
        if not found:
            raise AvrError("git.unknown-commit", f"{self.name!r} has no commit {revision!r}", hint="renew the mirror")
        return found[0]

    def log(
        self, revisions: Sequence[str], *, grep: Sequence[str] = (), paths: Sequence[str] = (), count: int = 5000
    ) -> tuple[Commit, ...]:
        """Commits reachable from `revisions` (git's range syntax), newest first.

        `grep` keeps those whose message holds one of the given texts, case-insensitively; `paths` those that touch
        a path matching one of the given patterns.
        """
        wanted = [f"--grep={text}" for text in grep]
        out = self._git(
            *("log", "-z", f"--format={_FORMAT}", f"--max-count={count}", "--fixed-strings", "--regexp-ignore-case"),
            *wanted,
            *revisions,
            "--",
            *paths,
            limit=64 << 20,
        )
        text = out.decode("utf-8", "replace")
        return tuple(_commit(record.lstrip("\0").split("\0")) for record in text.split("\x01") if record.strip("\0"))

    def changes(self, before: str | None, after: str) -> tuple[ChangedFile, ...]:
        """Regular files that differ between two commits, renames paired; `before` None is the empty tree."""
        shape = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--find-renames=60%", "-l400", "--no-ext-diff")
        ends = [before, after] if before else ["--root", "--no-commit-id", after]
        return tuple(_changed(self._git(*shape, *ends, limit=16 << 20)))

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Contents by blob id; raises `git.missing-object` where the repository lacks one."""
        wanted = list(dict.fromkeys(ids))
        if self.lazy:
            self._prefetch(wanted)
        feed = "".join(f"{each}\n" for each in wanted).encode()
        return dict(_contents(self._git("cat-file", "--batch", stdin=feed, seconds=120), self.name))

    def tree(self, revision: str, under: Sequence[str] = ()) -> SourceTree:
        """All regular files of a commit, or those below the given paths; links and submodules are left out."""
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", revision, "--", *under, limit=64 << 20)
        entries = [_entry(record) for record in listed.split(b"\0") if record]
        files = {path: (mode, blob) for mode, blob, path in entries if mode in {"100644", "100755"}}
        contents = self.blobs(blob for _, blob in files.values())
        return SourceTree(
            files={path: contents[blob] for path, (_, blob) in files.items()},
            executable=frozenset(path for path, (mode, _) in files.items() if mode == "100755"),
        )

    def paths(self, revision: str) -> tuple[str, ...]:
        """The paths of all files of a commit."""
        out = self._git("ls-tree", "-r", "-z", "--full-tree", "--name-only", revision, limit=64 << 20)
        return tuple(path.decode("utf-8", "surrogateescape") for path in out.split(b"\0") if path)

    def touched(self, revisions: Sequence[str], count: int = 5000) -> dict[CommitId, tuple[str, ...]]:
        """The paths that each commit of a range touches; a merge is compared with its first parent."""
        shape = ("log", "-z", "--format=%x01%H", "--name-only", "--no-renames", "--diff-merges=first-parent")
        out = self._git(*shape, f"--max-count={count}", *revisions, "--", limit=64 << 20)
        records = out.decode("utf-8", "surrogateescape").split("\x01")
        parts = [record.strip("\0").replace("\n", "\0").split("\0") for record in records if record.strip("\0")]
        return {CommitId(first): tuple(path for path in paths if path) for first, *paths in parts}

    def tags(self) -> dict[str, CommitId]:
        """Commits by tag."""
        out = self._git("for-each-ref", "--format=%(refname)%00%(objectname)%00%(*objectname)", "refs/tags")
        rows = [line.split("\0") for line in out.decode("utf-8", "replace").splitlines()]
        return {name.removeprefix("refs/tags/"): CommitId(peeled or own) for name, own, peeled in rows}

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `older` is reachable from `newer`."""
        try:
            self._git("merge-base", "--is-ancestor", older, newer)
        except AvrError as error:
            if error.code == "git.failed":
                return False
            raise
        return True

    def merge_base(self, one: str, other: str) -> CommitId | None:
        """The best common ancestor, or None for unrelated histories."""
        try:
            return CommitId(self._git("merge-base", one, other).decode().strip())
        except AvrError as error:
            if error.code == "git.failed":
                return None
            raise

    def _prefetch(self, blobs: Sequence[str]) -> None:
        shape = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none", "--stdin", "origin")
        feed = "".join(f"{each}\n" for each in blobs).encode()
        self._git("-c", "fetch.negotiationAlgorithm=noop", *shape, stdin=feed, seconds=180)

    def _git(self, *arguments: str, stdin: bytes = b"", seconds: float = 60, limit: int = _MAX_TREE) -> bytes:
        place = f"--git-dir={self.directory}"
        return run([place, *arguments], stdin=stdin, seconds=seconds, limit=limit, network=self.lazy)


def merged(ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """Three-way merge of one file by `git merge-file`; None where it conflicts."""
    with TemporaryDirectory(prefix="avr-merge-") as folder:
        paths = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for path, data in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(data)
        try:
            return run(["merge-file", "-p", "-q", *map(str, paths)])
        except AvrError as error:
            if error.code == "git.failed":
                return None
            raise


def _commit(fields: Sequence[str]) -> Commit:
    identity, parents, author, when, subject, body = fields[:6]
    return Commit(
        id=CommitId(identity.strip()),
        parents=tuple(CommitId(each) for each in parents.split()),
        author=author,
        date=datetime.fromtimestamp(int(when), UTC),
        subject=subject,
        body=body,
    )


def _changed(raw: bytes) -> Iterator[ChangedFile]:
    fields = iter(raw.split(b"\0"))
    for head in fields:
        if not head.startswith(b":"):
            continue
        mode_before, mode_after, before, after, status = head[1:].decode().split(" ")
        old = next(fields).decode("utf-8", "surrogateescape")
        new = next(fields).decode("utf-8", "surrogateescape") if status[0] in "RC" else old
        left, right = mode_before.startswith("100"), mode_after.startswith("100")
        if left or right:
            yield ChangedFile(
                path_before=old if left else None,
                path_after=new if right else None,
                blob_before=before if left else None,
                blob_after=after if right else None,
            )


def _contents(raw: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(raw):
        end = raw.index(b"\n", at)
        blob, kind, *rest = raw[at:end].decode().split(" ")
        if kind == "missing":
            raise AvrError("git.missing-object", f"{name!r} lacks the file content {blob!r}", hint="renew the mirror")
        size = int(rest[0])
        if size > MAX_FILE:
            raise AvrError("git.too-big", f"a file of {name!r} has {size} bytes", hint="the repository is refused")
        yield blob, raw[end + 1 : end + 1 + size]
        at = end + 2 + size


def _entry(record: bytes) -> tuple[str, str, str]:
    head, path = record.split(b"\t", 1)
    mode, _, blob = head.decode().split(" ")
    return mode, blob, path.decode("utf-8", "surrogateescape")
