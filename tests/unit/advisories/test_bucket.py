"""Where records come from: folders, archives, files and URLs, all of them bounded."""

import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from avr.advisories.bucket import public_location, read_bucket
from avr.advisories.osv import SIZE_LIMIT
from avr.errors import AvrError, UsageError


def archive(path: Path, **records: bytes) -> Path:
    """An all.zip of records."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in records.items():
            file.writestr(f"{name}.json", body)
    return path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A loopback server over the test's folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_folder_gives_archives_and_loose_records(tmp_path: Path) -> None:
    """Both forms, in a stable order, wherever they lie below the folder; other files are not read."""
    archive(tmp_path / "PyPI" / "all.zip", A=b"1", B=b"2")
    (tmp_path / "loose.json").write_bytes(b"3")
    (tmp_path / "modified_id.csv").write_bytes(b"4")
    assert [each.body for each in read_bucket(str(tmp_path))] == [b"3", b"1", b"2"]


def test_a_single_record_is_read(tmp_path: Path) -> None:
    """A file that is no archive is one record."""
    (tmp_path / "one.json").write_bytes(b"{}")
    assert [each.body for each in read_bucket(str(tmp_path / "one.json"))] == [b"{}"]


def test_an_oversized_entry_is_left_out_and_the_next_is_read(tmp_path: Path) -> None:
    """A zip bomb costs at most one bounded read."""
    path = archive(tmp_path / "all.zip", bomb=b"\0" * (SIZE_LIMIT + 1), good=b"{}")
    bomb, good = read_bucket(str(path))
    assert (bomb.body, "larger than" in bomb.error, good.body) == (b"", True, b"{}")


def test_a_damaged_entry_is_left_out(tmp_path: Path) -> None:
    """One flipped byte costs one record."""
    path = archive(tmp_path / "all.zip", bad=b"abcdefgh" * 50, good=b"{}")
    data = bytearray(path.read_bytes())
    data[40] ^= 0xFF
    path.write_bytes(data)
    bad, good = read_bucket(str(path))
    assert (bool(bad.error), good.body) == (True, b"{}")


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    """A download that broke off is no archive."""
    path = archive(tmp_path / "all.zip", A=b"1" * 1000)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(AvrError) as raised:
        list(read_bucket(str(path)))
    assert raised.value.code == "feed.archive"


def test_nothing_to_read_is_a_usage_error(tmp_path: Path) -> None:
    """A missing path and an empty folder."""
    with pytest.raises(UsageError, match="no file, folder or"):
        read_bucket(str(tmp_path / "missing"))
    with pytest.raises(UsageError, match="neither an all"):
        list(read_bucket(str(tmp_path)))


def test_a_url_of_an_archive_is_read(tmp_path: Path, url: str) -> None:
    """As the public bucket serves it."""
    archive(tmp_path / "PyPI" / "all.zip", A=b"1")
    assert [each.body for each in read_bucket(f"{url}/PyPI/all.zip")] == [b"1"]


def test_a_url_that_does_not_answer_is_told(url: str) -> None:
    """An answer that is no success, and no answer at all."""
    with pytest.raises(AvrError) as raised:
        list(read_bucket(f"{url}/missing.zip"))
    assert raised.value.code == "feed.http"
    with pytest.raises(AvrError) as raised:
        list(read_bucket("http://127.0.0.1:1/all.zip"))
    assert raised.value.code == "feed.unreachable"


def test_secrets_of_a_url_are_not_shown() -> None:
    """User, password and query stay out of messages and of the store."""
    assert public_location("https://me:secret@example.invalid/all.zip?token=1") == "https://example.invalid/all.zip"
