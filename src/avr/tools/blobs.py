"""Bytes kept by their own digest: written once, verified whenever they are read."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avr.errors import AvrError, ProofError
from avr.model.identifiers import Digest

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def digest_of(data: bytes) -> Digest:
    """The SHA-256 digest of `data`."""
    return Digest(hashlib.sha256(data).hexdigest())


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a full or closed disk under `path` into `AvrError` `store.disk-full` or `store.not-writable`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            hint = "free some space there, or point AVR_CACHE and AVR_HOME at another disk"
            raise AvrError("store.disk-full", f"no space left to write {str(path)!r}", hint=hint) from error
        if error.errno in _DENIED:
            hint = "change its permissions, or point AVR_CACHE and AVR_HOME at a folder of your own"
            raise AvrError("store.not-writable", f"cannot write {str(path)!r}: {error.strerror}", hint=hint) from error
        raise


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` so that `path` holds the old content or the new one, never a part; parents are made.

    Raises `AvrError` `store.disk-full` or `store.not-writable`.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


class BlobStore:
    """A folder of blobs, two hex digits deep; several processes may write at once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> Digest:
        """Keep `data` and return its digest; a blob that is there already is left alone.

        Raises `AvrError` `store.disk-full` or `store.not-writable`.
        """
        digest = digest_of(data)
        if not self._sound(digest):
            write_atomically(self.path(digest), data)
        return digest

    def get(self, digest: Digest) -> bytes:
        """The blob's bytes, verified.

        Raises `AvrError` `store.no-blob`, or `ProofError` `store.blob-damaged` where the bytes are others.
        """
        try:
            data = self.path(digest).read_bytes()
        except FileNotFoundError:
            hint = "it was deleted or never stored; run the command again to make it anew"
            raise AvrError("store.no-blob", f"no blob {digest!r} in {str(self.root)!r}", hint=hint) from None
        if digest_of(data) != digest:
            hint = f"delete {str(self.path(digest))!r} and run the command again"
            raise ProofError("store.blob-damaged", f"blob {digest!r} holds other bytes", hint=hint)
        return data

    def path(self, digest: Digest) -> Path:
        """Where the blob is, or would be; raises `AvrError` `store.digest` for a text that is no digest."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise AvrError("store.digest", f"{digest!r} is not a SHA-256 digest", hint="64 lower-case hex digits")
        return self.root / digest[:2] / digest[2:]

    def has(self, digest: Digest) -> bool:
        """Whether a blob is stored under `digest`; its bytes are not verified."""
        return self.path(digest).is_file()

    def _sound(self, digest: Digest) -> bool:
        try:
            return digest_of(self.path(digest).read_bytes()) == digest
        except FileNotFoundError:
            return False
