"""Where the files that a capsule names come from: the configured package index, or a folder gathered before.

A file is taken by its digest; where it came from makes no difference.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from avr.ecosystems.interface import Registry
from avr.errors import AvrError, ProofError
from avr.model.capsule import NamedFile
from avr.tools.blobs import digest_of, disk_errors, write_atomically

Fetch = Callable[[NamedFile], Path]
"""Gives a file of the very digest; raises `AvrError` where it cannot be had, `ProofError` `prove.digest` where the file
of that name has other bytes."""

_AT_ONCE = 8
"""Downloads at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Files of the index that the ordinary clients are configured for."""

    registry: Registry

    def __call__(self, file: NamedFile) -> Path:
        """The downloaded file; raises what the registry raises, and `prove.missing-file` where it has none such."""
        releases = self.registry.releases(file.package)
        listed = (each for release in releases for each in release.files if each.filename == file.filename)
        found = next(listed, None)
        if found is None:
            hint = "name an index that has it in pip's or uv's configuration, or a folder with --offline"
            raise AvrError("prove.missing-file", f"the index has no file {file.filename!r}", hint=hint)
        if found.sha256 not in (None, file.sha256):
            raise _differs(file, str(found.sha256))
        return _checked(file, self.registry.download(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Files in a folder, as `gather` puts them there."""

    folder: Path

    def __call__(self, file: NamedFile) -> Path:
        """The file in the folder; raises `AvrError` `prove.missing-file`."""
        path = self.folder / file.filename
        if not path.is_file():
            hint = "gather the files where there is an index: avr prove CAPSULE --collect FOLDER"
            message = f"no file {file.filename!r} in {str(self.folder)!r}"
            raise AvrError("prove.missing-file", message, hint=hint)
        return _checked(file, path)


def gather(files: Iterable[NamedFile], fetch: Fetch, inside: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Put `files` into `folder`; those that the capsule holds itself (`inside`, by name) are not fetched.

    Gives their paths in the same order. Raises what `fetch` raises, `store.disk-full` or `store.not-writable`.
    """
    wanted = tuple(files)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="fetch") as pool:
        return tuple(pool.map(lambda each: _put(each, fetch, inside, folder), wanted))


def _put(file: NamedFile, fetch: Fetch, inside: Mapping[str, bytes], folder: Path) -> Path:
    target = folder / file.filename
    data = inside.get(file.filename)
    if data is not None:
        write_atomically(target, data)
        return _checked(file, target)
    found = fetch(file)
    if not (target.exists() and found.samefile(target)):
        with disk_errors(target):
            shutil.copyfile(found, target)
    return target


def _checked(file: NamedFile, path: Path) -> Path:
    digest = digest_of(path.read_bytes())
    if digest != file.sha256:
        raise _differs(file, digest)
    return path


def _differs(file: NamedFile, digest: str) -> ProofError:
    message = f"{file.filename!r} has SHA-256 {digest}, the capsule was proved with {file.sha256}"
    return ProofError("prove.digest", message, hint="the capsule was not made from this file; get the right one")
