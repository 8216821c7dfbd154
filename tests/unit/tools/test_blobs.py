"""Blobs are what their digest says, or nothing."""

import errno
import threading
from pathlib import Path

import pytest

from avr.errors import AvrError, ProofError
from avr.model.identifiers import Digest
from avr.tools.blobs import BlobStore, digest_of, disk_errors, write_atomically


def test_what_is_put_can_be_got(tmp_path: Path) -> None:
    """A stored blob comes back byte for byte under its SHA-256."""
    store = BlobStore(tmp_path)
    digest = store.put(b"patched")
    assert (digest, store.get(digest), store.has(digest)) == (digest_of(b"patched"), b"patched", True)


def test_a_damaged_blob_is_refused(tmp_path: Path) -> None:
    """Bytes that changed on disk are noticed when read."""
    store = BlobStore(tmp_path)
    digest = store.put(b"patched")
    store.path(digest).write_bytes(b"Patched")
    with pytest.raises(ProofError) as error:
        store.get(digest)
    assert error.value.code == "store.blob-damaged"


def test_a_damaged_blob_is_healed_by_putting_it_again(tmp_path: Path) -> None:
    """Putting writes anew where the bytes on disk are others."""
    store = BlobStore(tmp_path)
    digest = store.put(b"patched")
    store.path(digest).write_bytes(b"")
    store.put(b"patched")
    assert store.get(digest) == b"patched"


def test_an_unknown_blob_is_an_error_with_a_hint(tmp_path: Path) -> None:
    """Asking for what was never stored names the digest."""
    with pytest.raises(AvrError, match="hint:") as error:
        BlobStore(tmp_path).get(digest_of(b"never"))
    assert error.value.code == "store.no-blob"


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_only_digests_become_paths(tmp_path: Path, text: str) -> None:
    """A text that is no digest never reaches the file system."""
    with pytest.raises(AvrError) as error:
        BlobStore(tmp_path).path(Digest(text))
    assert error.value.code == "store.digest"


def test_many_writers_of_one_blob_agree(tmp_path: Path) -> None:
    """Concurrent writers leave one sound blob and no leftovers."""
    store = BlobStore(tmp_path)
    data = b"x" * 100_000
    threads = [threading.Thread(target=store.put, args=(data,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.read_bytes() == data for path in tmp_path.rglob("*") if path.is_file()] == [True]


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "store.disk-full"), (errno.EDQUOT, "store.disk-full"),
                         (errno.EROFS, "store.not-writable")]
)  # fmt: skip
def test_a_full_or_closed_disk_is_told_with_a_way_out(tmp_path: Path, number: int, code: str) -> None:
    """The operating system's error becomes ours, with what to do."""
    with pytest.raises(AvrError) as error, disk_errors(tmp_path):
        raise OSError(number, "no")
    assert (error.value.code, "AVR_CACHE" in error.value.hint) == (code, True)


def test_a_real_full_disk_leaves_the_old_content() -> None:
    """Writing to a device that is always full fails cleanly."""
    with pytest.raises(AvrError) as error, disk_errors(Path("/dev/full")), Path("/dev/full").open("wb", 0) as file:
        file.write(b"x")
    assert error.value.code == "store.disk-full"


def test_atomic_writing_replaces_whole_files(tmp_path: Path) -> None:
    """The second write wins and no temporary file stays."""
    write_atomically(tmp_path / "a" / "b", b"one")
    write_atomically(tmp_path / "a" / "b", b"two")
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "a").iterdir()] == [("b", b"two")]
