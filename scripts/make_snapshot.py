"""Makes the bundled advisory snapshot from a folder in OSV's bucket layout.

    python scripts/make_snapshot.py PyPI FOLDER/PyPI scripts/advisories
    python scripts/make_snapshot.py npm FOLDER/npm scripts/advisories

The records in `scripts/advisories` are facts that we wrote for vulnerabilities of the proof library that the buckets
do not hold. Facts only: ids, aliases, packages, ranges with their commits, severity, CWE, and links to code
hosts. No prose. Enumerated versions are kept only where the ranges do not cover them. The same input gives the same
bytes.
"""

import argparse
import json
import lzma
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from avr.advisories.bucket import read_bucket
from avr.advisories.osv import parse
from avr.advisories.snapshot import SCHEMA
from avr.ecosystems import schemes
from avr.errors import AvrError
from avr.model.advisory import Advisory, AffectedPackage, AffectedRange, RangeEvent, Reference, ReferenceType
from avr.model.identifiers import EcosystemName
from avr.stages.find.ranges import containing

DATA = Path(__file__).parent.parent / "src" / "avr" / "advisories" / "data"
CODE_LINK = re.compile(
    r"https?://(((www\.)?github\.com|bitbucket\.org|codeberg\.org|gitee\.com|pagure\.io|salsa\.debian\.org"
    r"|[^/]*(gitlab|gitea|gitweb)[^/]*|(git|hg|review)\.[^/]+)/(?!\S*/security/advisories/)\S+|\S+/(rev|changeset)/\S+)",
    re.IGNORECASE,
)
LINKING = {ReferenceType.WEB, ReferenceType.REPORT, ReferenceType.ADVISORY, ReferenceType.EVIDENCE}


def main(ecosystem: str, sources: Sequence[Path], output: Path) -> None:
    """Write the snapshot of an ecosystem's records under `sources` to `output`."""
    advisories = sorted(_advisories(ecosystem, sources), key=lambda each: each.id)
    taken = max(each.modified for each in advisories)
    header = {"schema": SCHEMA, "taken": _time(taken), "records": len(advisories)}
    lines = [header, *(_facts(each, ecosystem) for each in advisories)]
    text = "".join(json.dumps(each, separators=(",", ":"), ensure_ascii=False) + "\n" for each in lines)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 4 << 20}]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(lzma.compress(text.encode(), check=lzma.CHECK_CRC64, filters=filters))
    print(f"{len(advisories)} records to {_time(taken)}: {len(text)} bytes, {output.stat().st_size} compressed")


def _advisories(ecosystem: str, sources: Sequence[Path]) -> list[Advisory]:
    kept = []
    for raw in (raw for source in sources for raw in read_bucket(str(source))):
        try:
            advisory = parse(raw.body, "")
        except AvrError as error:
            print(f"left out {raw.origin}: {error.message}", file=sys.stderr)
            continue
        if advisory.withdrawn is None and any(each.ecosystem == ecosystem for each in advisory.affected):
            kept.append(advisory)
    return kept


def _facts(advisory: Advisory, ecosystem: str) -> dict[str, object]:
    record: dict[str, object] = {
        "id": advisory.id,
        "aliases": list(advisory.aliases),
        "modified": _time(advisory.modified),
        "published": _time(advisory.published) if advisory.published else None,
        "affected": [_affected(each) for each in advisory.affected if each.ecosystem == ecosystem],
        "references": [{"type": each.type.value, "url": each.url} for each in _links(advisory)],
        "severity": [{"type": each.type, "score": each.score} for each in advisory.severity],
        "database_specific": {"cwe_ids": list(advisory.cwes)} if advisory.cwes else None,
    }
    return {key: value for key, value in record.items() if value}


def _links(advisory: Advisory) -> list[Reference]:
    return [
        each
        for each in advisory.references
        if each.type is ReferenceType.FIX or (each.type in LINKING and CODE_LINK.match(each.url))
    ]


def _affected(part: AffectedPackage) -> dict[str, object]:
    record: dict[str, object] = {
        "package": {"ecosystem": part.ecosystem, "name": part.name},
        "ranges": [_range(each) for each in part.ranges],
        "versions": [each for each in part.versions if not _covered(each, part)],
    }
    return {key: value for key, value in record.items() if value}


def _covered(version: str, part: AffectedPackage) -> bool:
    scheme = schemes.of(part.ecosystem)
    return any(containing(version, each, scheme) for each in part.ranges)


def _range(affected: AffectedRange) -> dict[str, object]:
    record: dict[str, object] = {"type": affected.type.value}
    if affected.repo:
        record["repo"] = affected.repo
    record["events"] = [_event(each) for each in affected.events]
    return record


def _event(event: RangeEvent) -> dict[str, str]:
    keys = ("introduced", "fixed", "last_affected", "limit")
    return {key: value for key in keys if (value := getattr(event, key)) is not None}


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ecosystem", choices=[each.value for each in EcosystemName])
    parser.add_argument("sources", nargs="+", type=Path, help="folders in OSV's bucket layout, or of single records")
    parser.add_argument("--output", type=Path, help="default: the package's own data")
    arguments = parser.parse_args()
    packed = DATA / f"{arguments.ecosystem.lower()}.jsonl.xz"
    main(arguments.ecosystem, arguments.sources, arguments.output or packed)
