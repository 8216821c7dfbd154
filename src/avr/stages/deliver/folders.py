"""Folders written whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from avr.errors import AvrError
from avr.stages.deliver.layout import is_inside
from avr.tools.blobs import disk_errors


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Put `files` (by POSIX path) where `target` is: the folder holds the old files or the new ones, never a mixture.

    Raises `AvrError` `deliver.path` for a path that leaves the folder, `store.disk-full`, `store.not-writable`, or
    `deliver.folder` where a file is in the way; what was there before stays then.
    """
    with disk_errors(target):
        make_folder(target.parent)
        staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=".part-"))
        try:
            _fill(staging / "new", files)
            _swap(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def make_folder(folder: Path) -> None:
    """Make a folder with its parents; raises `AvrError` `deliver.folder` where a file is in the way."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        hint = "name another folder with --output"
        raise AvrError(
            "deliver.folder", f"{str(folder)!r} cannot be a folder: a file is in the way", hint=hint
        ) from error


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for path, data in files.items():
        if not is_inside(path):
            raise AvrError("deliver.path", f"{path!r} leads out of the folder", hint="report this as a bug")
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def _swap(staging: Path, target: Path) -> None:
    """Move the new folder into place; on failure the old one is put back."""
    old = staging / "old"
    had = target.exists()
    if had:
        target.rename(old)
    try:
        (staging / "new").rename(target)
    except OSError:
        if had:
            old.rename(target)
        raise
