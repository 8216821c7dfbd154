"""A user's own project, read as a tree: what its tests may need, without version control, caches and environments."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from avr.errors import UsageError
from avr.model.source import SourceTree

MOST_FILES = 50_000
MOST_BYTES = 512 << 20
"""How large a project may be, all its files together."""
_SKIPPED = frozenset({".git", ".hg", ".svn", ".tox", ".nox", ".venv", "__pycache__", "node_modules", ".mypy_cache",
    ".pytest_cache", ".ruff_cache", ".hypothesis", ".eggs"})  # fmt: skip
_ENVIRONMENT = "pyvenv.cfg"
_OUTPUT = "manifest.dsse.json"
"""What marks an output folder of avr's."""


def read(folder: Path) -> SourceTree:
    """The regular files below `folder`; links and special files are passed over.

    Raises `UsageError` `project.folder` or `project.too-big`.
    """
    if not folder.is_dir():
        hint = "name the folder of the project whose tests shall run"
        raise UsageError("project.folder", f"{str(folder)!r} is no folder", hint=hint)
    files: dict[str, bytes] = {}
    executable = set()
    total = 0
    for path, status in _walk(folder):
        total += status.st_size
        if len(files) >= MOST_FILES or total > MOST_BYTES:
            message = f"{str(folder)!r} holds more than {MOST_FILES} files or {MOST_BYTES >> 20} MiB"
            raise UsageError("project.too-big", message, hint="name a folder that holds the project and nothing else")
        name = path.relative_to(folder).as_posix()
        files[name] = _content(path)
        if status.st_mode & stat.S_IXUSR:
            executable.add(name)
    return SourceTree(files=files, executable=frozenset(executable))


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise _unreadable(folder, error) from error
    if any(each.name in {_ENVIRONMENT, _OUTPUT} for each in entries):
        return
    for path in entries:
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode) and path.name not in _SKIPPED:
            yield from _walk(path)
        elif stat.S_ISREG(status.st_mode):
            yield path, status


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError("project.folder", f"cannot read {str(path)!r}: {error.strerror}", hint="make it readable")
