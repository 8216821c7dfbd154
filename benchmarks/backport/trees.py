"""The whole tree of a commit on the disk, and contents at a commit, for the judge; the mirror is never written to."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from avr.errors import AvrError
from avr.tools.git import Repository
from avr.tools.git_process import run


def content(repository: Repository, commit: str, path: str) -> bytes | None:
    """A file at a commit; None where there is none."""
    try:
        return run([f"--git-dir={repository.directory}", "cat-file", "blob", f"{commit}:{path}"])
    except AvrError as error:
        if error.code != "git.failed":
            raise
        return None


def blob_ids(repository: Repository, commit: str, paths: Sequence[str] = ()) -> dict[str, str]:
    """Blob ids by path at a commit, of all files or of the named ones."""
    listed = run([f"--git-dir={repository.directory}", "ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths])
    records = [record.partition(b"\t") for record in listed.split(b"\0") if record]
    return {path.decode("utf-8", "surrogateescape"): head.split(b" ")[2].decode() for head, _, path in records}


def check_out(repository: Repository, commit: str, folder: Path) -> None:
    """Write all files of a commit below `folder`; what the mirror lacks is left out."""
    if folder.is_dir():
        return
    part = folder.with_name(f"{folder.name}.part{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    index = part.with_name(f"{part.name}.index")
    environment = {
        **os.environ,
        "GIT_INDEX_FILE": str(index),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
    }
    git = ["git", "-c", "safe.directory=*", f"--git-dir={repository.directory}", f"--work-tree={part}"]
    subprocess.run([*git, "read-tree", commit], env=environment, check=True)
    subprocess.run(
        [*git, "checkout-index", "--all", "--quiet"], env=environment, check=False, stderr=subprocess.DEVNULL
    )
    index.unlink()
    part.rename(folder)
