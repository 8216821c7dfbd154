"""Yields OSV records from where they are kept: a folder in OSV's bucket layout, an archive, a file, or a URL of one.

https://google.github.io/osv.dev/data/ describes the layout: `<ecosystem>/all.zip`, one record a file. All of it is
untrusted: sizes are bounded while reading, links are not followed out of a folder, nothing is unpacked to disk.
"""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

from avr.advisories.osv import SIZE_LIMIT
from avr.errors import AvrError, UsageError

DOWNLOAD_LIMIT = 4 << 30
"""The largest file that is downloaded, in bytes; the largest archive in use is below 1 GiB."""

ARCHIVE_LIMIT = 16 << 30
"""The most bytes that the records of one archive may unpack to."""

ENTRY_LIMIT = 2_000_000
"""The most records of one archive."""

_TIMEOUT_SECONDS = (10, 60)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The bytes of one record and where they came from, for messages; `error` tells why it could not be read."""

    origin: str
    body: bytes
    error: str = ""


def read_bucket(location: str) -> Iterator[RawRecord]:
    """The records of a folder, an `all.zip`, a single JSON file, or an http(s) URL of one of the two files.

    Raises `UsageError` when there is nothing such, `AvrError` when a URL does not answer or an archive is broken.
    """
    if location.startswith(("http://", "https://")):
        return _of_url(location)
    path = Path(location)
    if path.is_dir():
        return _of_folder(path)
    if path.is_file():
        return _of_file(path, str(path))
    raise UsageError(
        "feed.missing",
        f"{location!r} is no file, folder or http(s) URL",
        hint="name a folder of OSV records, an all.zip, a record's .json file, or the URL of one",
    )


def public_location(location: str) -> str:
    """A location without the user, password and query that a URL may carry; for messages and for keeping."""
    if not location.startswith(("http://", "https://")):
        return location
    parts = urlsplit(location)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _of_folder(folder: Path) -> Iterator[RawRecord]:
    found = False
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(parent) / name
            if name == "all.zip" or (name.endswith(".json") and not name.startswith(".")):
                found = True
                yield from _of_file(path, str(path))
    if not found:
        raise UsageError(
            "feed.empty",
            f"{str(folder)!r} holds neither an all.zip nor .json files",
            hint="name a folder laid out as <ecosystem>/all.zip, or one of OSV records",
        )


def _of_file(path: Path, origin: str) -> Iterator[RawRecord]:
    try:
        with path.open("rb") as file:
            if file.read(4) == b"PK\x03\x04":
                yield from _of_archive(file, origin)
            else:
                file.seek(0)
                yield _bounded(file, origin)
    except OSError as error:
        raise UsageError(
            "feed.unreadable", f"cannot read {str(path)!r}: {error.strerror or error}", hint="check its permissions"
        ) from error


def _of_archive(file: IO[bytes], origin: str) -> Iterator[RawRecord]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise AvrError(
            "feed.archive", f"{origin!r} is no whole zip archive: {error}", hint="download it again"
        ) from error
    entries = [each for each in archive.infolist() if each.filename.endswith(".json")]
    if len(entries) > ENTRY_LIMIT:
        raise AvrError("feed.archive", f"{origin!r} holds {len(entries)} records, more than {ENTRY_LIMIT}")
    total = 0
    for entry in entries:
        record = _entry(archive, entry, f"{origin}!{entry.filename!r}")
        total += len(record.body)
        if total > ARCHIVE_LIMIT:
            raise AvrError("feed.archive", f"{origin!r} unpacks to more than {ARCHIVE_LIMIT} bytes")
        yield record


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, origin: str) -> RawRecord:
    try:
        with archive.open(entry) as stream:
            return _bounded(stream, origin)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        return RawRecord(origin, b"", f"unreadable archive entry: {error}")


def _bounded(stream: IO[bytes], origin: str) -> RawRecord:
    """One record; what a header claims about its size is not believed."""
    body = stream.read(SIZE_LIMIT + 1)
    return (
        RawRecord(origin, b"", f"larger than {SIZE_LIMIT} bytes") if len(body) > SIZE_LIMIT else RawRecord(origin, body)
    )


def _of_url(url: str) -> Iterator[RawRecord]:
    with tempfile.TemporaryDirectory(prefix="avr-feed-") as folder:
        path = Path(folder) / "download"
        _download(url, path)
        yield from _of_file(path, public_location(url))


def _download(url: str, path: Path) -> None:
    import requests

    shown = public_location(url)
    try:
        with requests.get(url, stream=True, timeout=_TIMEOUT_SECONDS) as answer, path.open("wb") as file:
            if answer.status_code != requests.codes.ok:
                raise AvrError(
                    "feed.http", f"{shown!r} answered {answer.status_code} {answer.reason}", hint="check the address"
                )
            size = 0
            for block in answer.iter_content(1 << 20):
                size += len(block)
                if size > DOWNLOAD_LIMIT:
                    raise AvrError("feed.size", f"{shown!r} is larger than {DOWNLOAD_LIMIT} bytes")
                file.write(block)
    except requests.RequestException as error:
        raise AvrError(
            "feed.unreachable",
            f"cannot fetch {shown!r}: {type(error).__name__}",
            hint="check the network, or download the file elsewhere and import the copy",
        ) from error
    except OSError as error:
        raise AvrError(
            "feed.disk", f"cannot keep {shown!r} while reading it: {error}", hint="free some disk"
        ) from error
