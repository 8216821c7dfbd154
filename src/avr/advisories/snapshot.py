"""The advisories that come with the package: facts without prose, so that the first run needs no network.

One header line, then one OSV record a line, xz-compressed; made by `scripts/make_snapshot.py`. The facts are those of
the PyPA advisory database (CC-BY-4.0), and of the few records of our own in `scripts/advisories`.
"""

import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from typing import Any

from avr.advisories.bucket import RawRecord

SOURCE = "bundled snapshot"
"""What the store calls these records' source."""

SCHEMA = "avr.snapshot/1"


def taken() -> datetime:
    """The date of the snapshot: that of its newest record."""
    return datetime.fromisoformat(_header()["taken"])


def edition() -> str:
    """What tells this snapshot from earlier ones; later ones compare greater: date and number of records."""
    return f"{_header()['taken']} {_header()['records']:09d}"


def records() -> Iterator[RawRecord]:
    """The snapshot's records in the OSV schema."""
    with _open() as file:
        file.readline()
        for number, line in enumerate(file, 2):
            yield RawRecord(f"{SOURCE}:{number}", line)


def _header() -> dict[str, Any]:
    with _open() as file:
        header: dict[str, Any] = json.loads(file.readline())
    assert header["schema"] == SCHEMA
    return header


@contextmanager
def _open() -> Iterator[lzma.LZMAFile]:
    packed = files("avr.advisories") / "data" / "pypi.jsonl.xz"
    with packed.open("rb") as file, lzma.LZMAFile(file) as lines:
        yield lines
