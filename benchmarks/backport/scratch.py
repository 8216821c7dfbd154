"""Scratch work trees of a base for the tools of today; the mirror lends its objects and is never written to."""

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from avr.tools.git import Repository

SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a program ended: exit code (-1 where it was stopped), both outputs, wall and processor time in seconds."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """A repository with `base` checked out, sparsely: of all its files only the named ones lie on the disk."""

    folder: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> Ran:
        """Run git in the work tree."""
        return program(["git", *arguments], self.folder, stdin)

    def out(self, *arguments: str) -> bytes:
        """What git answers; fails loudly."""
        ran = self.git(*arguments)
        assert ran.code == 0, f"git {arguments[0]} ended with {ran.code}: {ran.err[-300:]!r}"
        return ran.out

    def read(self, path: str) -> bytes | None:
        """The content of a file of the work tree; links are no files."""
        place = self.folder / path
        return place.read_bytes() if place.is_file() and not place.is_symlink() else None


@contextmanager
def scratch(repository: Repository, base: str, paths: Sequence[str]) -> Iterator[Scratch]:
    """A scratch work tree of `base` with `paths` on the disk, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="avr-bench-"))
    try:
        tree = Scratch(folder=folder)
        tree.out("init", "--quiet", "--template=", ".")
        info = folder / ".git" / "info"
        info.mkdir(exist_ok=True)
        borrowed = folder / ".git" / "objects" / "info" / "alternates"
        borrowed.write_text(f"{(repository.directory / 'objects').resolve()}\n")
        tree.out("config", "core.sparseCheckout", "true")
        (info / "sparse-checkout").write_text("".join(f"/{path}\n" for path in paths) or "/none\n")
        (info / "attributes").write_text("* -text -filter !merge !diff\n")
        tree.out("update-ref", "--no-deref", "HEAD", base)
        tree.out("read-tree", "-m", "-u", "HEAD")
        yield tree
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def program(line: Sequence[str], folder: Path, stdin: bytes = b"") -> Ran:
    """Run a program with a bare environment and its time measured."""
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "b",
        "GIT_AUTHOR_EMAIL": "b@example.invalid",
        "GIT_COMMITTER_NAME": "b",
        "GIT_COMMITTER_EMAIL": "b@example.invalid",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "core.hooksPath",
        "GIT_CONFIG_VALUE_1": os.devnull,
        "LC_ALL": "C",
    }
    spent, start = _children(), time.perf_counter()
    try:
        done = subprocess.run(
            line,
            cwd=folder,
            input=stdin,
            capture_output=True,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        code, out, err = -1, b"", b"not ended in time"
    return Ran(code=code, out=out, err=err, seconds=time.perf_counter() - start, cpu=_children() - spent)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
