"""Finds a project's repository: in a folder of mirrors, under a rewritten address, or by a partial clone.

Folders of mirrors may be laid out as `owner+name/repo`, `owner+name`, `owner/name.git`, `owner/name` or plain clones
`name`, bare or with a work tree. A project that changed hands is found by its name alone, or as its owner's only
repository, where exactly one fits: a commit hash proves by itself that the history is the right one.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from avr.errors import AvrError
from avr.tools.git import Repository
from avr.tools.git_process import run

_ADDRESS = re.compile(
    r"(?:git\+)?(?:https?|git|ssh)://(?:[^/@\s]+@)?(?P<host>[A-Za-z0-9.-]+(?::\d+)?)/"
    r"(?P<owner>[A-Za-z0-9_][\w.-]*)/(?P<name>[A-Za-z0-9_][\w.-]*?)(?:\.git)?/?"
)
_FRESH_SECONDS = 24 * 3600
_MAX_FOLDERS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a repository is published: host, owner and name, as `https://host/owner/name` writes them."""

    host: str
    owner: str
    name: str

    @property
    def url(self) -> str:
        """The address that people open."""
        return f"https://{self.host}/{self.owner}/{self.name}"

    def __str__(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"


def address(url: str) -> Address:
    """Read a repository URL; raises `AvrError` `git.address` for anything else."""
    match = _ADDRESS.fullmatch(url.strip())
    if match is None:
        raise AvrError("git.address", f"{url!r} is no address of a git repository", hint="expected https://host/a/b")
    return Address(host=match["host"].lower(), owner=match["owner"], name=match["name"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """Access to upstream repositories; `mirror` is a folder or a URL prefix, None means the public hosts.

    `cache` is where partial clones are kept; `seconds` bounds one clone.
    """

    mirror: str | None
    cache: Path
    seconds: float = 300

    def repository(self, url: str) -> Repository:
        """The repository published at `url`.

        Raises `AvrError` `git.address`, `git.not-in-mirror` or `git.unreachable`.
        """
        wanted = address(url)
        if self.mirror is None or "://" in self.mirror:
            return self._cloned(wanted)
        directory = _in_folder(Path(self.mirror), wanted)
        if directory is None:
            raise AvrError(
                "git.not-in-mirror",
                f"the mirror {self.mirror!r} has no repository {str(wanted)!r}",
                hint=f"add a clone of {wanted.url} to the mirror as '{wanted.owner}+{wanted.name}'",
            )
        return Repository(directory=directory, name=str(wanted), url=wanted.url)

    def _cloned(self, wanted: Address) -> Repository:
        target = self.cache / "git" / f"{wanted.host.replace(':', '_')}+{wanted.owner}+{wanted.name}".lower()
        with _locked(target.with_name(f"{target.name}.lock")):
            if not target.exists():
                self._clone(self._source(wanted), target)
            elif time.time() - target.stat().st_mtime > _FRESH_SECONDS:
                _renew(target, self.seconds)
        return Repository(directory=target, name=str(wanted), url=wanted.url, lazy=True)

    def _source(self, wanted: Address) -> str:
        return f"{self.mirror.rstrip('/')}/{wanted}" if self.mirror else wanted.url

    def _clone(self, source: str, target: Path) -> None:
        part = Path(mkdtemp(prefix=f"{target.name}.", suffix=".part", dir=target.parent))
        shape = ("clone", "--quiet", "--bare", "--filter=blob:none", "--template=")
        try:
            run([*shape, "--", source, str(part)], seconds=self.seconds, network=True)
        except AvrError as error:
            _remove(part)
            if error.code == "git.missing":
                raise
            raise AvrError(
                "git.unreachable",
                f"the repository {source!r} cannot be fetched: {error.message}",
                hint="set AVR_GIT_MIRROR to a folder of mirrors, or AVR_GIT=off to work from the registry alone",
            ) from error
        part.rename(target)


def _renew(target: Path, seconds: float) -> None:
    os.utime(target)
    try:
        refs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        run([f"--git-dir={target}", "fetch", "--quiet", "origin", *refs], seconds=seconds, network=True)
    except AvrError as error:
        if error.code not in {"git.failed", "git.timeout"}:  # an older clone serves as well as none
            raise


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.rmdir()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _in_folder(folder: Path, wanted: Address) -> Path | None:
    owner, name = wanted.owner.lower(), wanted.name.lower()
    found = list(_repositories(folder))
    exact = [path for theirs, own, path in found if (theirs, own) == (owner, name)]
    if exact:
        return exact[0]
    for fits in (
        [path for theirs, own, path in found if own == name],
        [path for theirs, _, path in found if theirs == owner],
    ):
        if len(fits) == 1:
            return fits[0]
    return None


def _repositories(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Owner (empty for a plain clone), name and git directory of everything in a folder of mirrors, sorted."""
    try:
        entries = sorted(folder.iterdir())[:_MAX_FOLDERS]
    except OSError as error:
        raise AvrError(
            "git.mirror", f"the mirror folder {str(folder)!r} cannot be read", hint="correct AVR_GIT_MIRROR"
        ) from error
    for entry in entries:
        title = entry.name.lower().removesuffix(".git")
        own = _git_directory(entry)
        if own is not None:
            owner, _, name = title.rpartition("+")
            yield owner, name, own
        elif entry.is_dir() and "+" not in title:
            for inner in sorted(entry.iterdir()):
                directory = _git_directory(inner)
                if directory is not None:
                    yield title, inner.name.lower().removesuffix(".git"), directory


def _git_directory(folder: Path) -> Path | None:
    for path in (folder, folder / ".git", folder / "repo", folder / "repo" / ".git"):
        if (path / "HEAD").is_file() and (path / "objects").is_dir():
            return path
    return None
