"""The advisories that come with the package: facts without prose, so that the first run needs no network.

One header line, then one OSV record a line, xz-compressed; made by `scripts/make_snapshot.py`. The facts are those of
the PyPA advisory database (CC-BY-4.0).
"""

import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files

from avr.advisories.bucket import RawRecord

SOURCE = "bundled snapshot"
"""What the store calls these records' source."""

SCHEMA = "avr.snapshot/1"


def taken() -> datetime:
    """The date of the snapshot: that of its newest record."""
    with _open() as file:
        header = json.loads(file.readline())
    assert header["schema"] == SCHEMA
    return datetime.fromisoformat(header["taken"])


def records() -> Iterator[RawRecord]:
    """The snapshot's records in the OSV schema."""
    with _open() as file:
        file.readline()
        for number, line in enumerate(file, 2):
            yield RawRecord(f"{SOURCE}:{number}", line)


@contextmanager
def _open() -> Iterator[lzma.LZMAFile]:
    packed = files("avr.advisories") / "data" / "pypi.jsonl.xz"
    with packed.open("rb") as file, lzma.LZMAFile(file) as lines:
        yield lines
