"""The advisories that come with the package: facts without prose, so that the first run needs no network.

One file for each ecosystem: a header line, then one OSV record a line, xz-compressed; made by
`scripts/make_snapshot.py`. The facts are those of the PyPA advisory database (CC-BY-4.0), of the GitHub advisory
database (CC-BY-4.0) and retire.js (Apache-2.0) for npm, and of the few records of our own in `scripts/advisories`.
"""

import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from typing import Any

from avr.advisories.bucket import RawRecord
from avr.model.identifiers import EcosystemName

SOURCE = "bundled snapshot"
"""What the store calls these records' source."""

SCHEMA = "avr.snapshot/1"


def taken() -> datetime:
    """The date of the snapshot: that of its newest record."""
    return max(datetime.fromisoformat(_header(each)["taken"]) for each in EcosystemName)


def edition() -> str:
    """What tells this snapshot from earlier ones; later ones compare greater: date and number of records."""
    headers = [_header(each) for each in EcosystemName]
    return f"{max(each['taken'] for each in headers)} {sum(each['records'] for each in headers):09d}"


def records() -> Iterator[RawRecord]:
    """The snapshot's records in the OSV schema."""
    for ecosystem in EcosystemName:
        with _open(ecosystem) as file:
            file.readline()
            for number, line in enumerate(file, 2):
                yield RawRecord(f"{SOURCE}:{ecosystem}:{number}", line)


def _header(ecosystem: EcosystemName) -> dict[str, Any]:
    with _open(ecosystem) as file:
        header: dict[str, Any] = json.loads(file.readline())
    assert header["schema"] == SCHEMA
    return header


@contextmanager
def _open(ecosystem: EcosystemName) -> Iterator[lzma.LZMAFile]:
    packed = files("avr.advisories") / "data" / f"{ecosystem.lower()}.jsonl.xz"
    with packed.open("rb") as file, lzma.LZMAFile(file) as lines:
        yield lines
