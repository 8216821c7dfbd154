"""Writes the report of a run beside its releases, and a signed manifest over every file of the output folder."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from avr.errors import AvrError
from avr.model.backport import PortedFix
from avr.model.identifiers import Digest
from avr.model.report import ComponentReport, Report
from avr.stages.deliver import layout
from avr.stages.deliver.page import page
from avr.stages.deliver.provenance import statement
from avr.tools import documents
from avr.tools.blobs import digest_of, write_atomically
from avr.tools.signing import SigningKey, verify


def write_report(report: Report, out: Path, key: SigningKey, extra: Mapping[str, bytes] | None = None) -> None:
    """Write report.json, report.html, the public key, `extra` files by name, and the manifest over the whole folder.

    Releases of earlier runs that are still whole, by the manifest they were signed in, stay in the manifest. Raises
    `AvrError` `store.disk-full` or `store.not-writable`.
    """
    files = {
        layout.REPORT_JSON: documents.dumps(layout.REPORT_SCHEMA, slim(report)),
        layout.REPORT_HTML: page(report),
        layout.PUBLIC_KEY: key.public,
        **(extra or {}),
    }
    for path, data in files.items():
        write_atomically(out / path, data)
    _sweep(out)
    digests = _kept(out, key) | _released(report) | {path: digest_of(data) for path, data in files.items()}
    present = {path: digest for path, digest in digests.items() if (out / path).is_file()}
    body = statement(present, layout.MANIFEST_TYPE, {"report": documents.digest(slim(report))})
    write_atomically(out / layout.MANIFEST, key.sign(body))


def slim(report: Report) -> Report:
    """The report without the contents of upstream's files, which the patches show where they matter."""

    def told(one: PortedFix) -> PortedFix:
        return replace(one, fix=layout.told_of(replace(one.fix, files=())))

    def component(each: ComponentReport) -> ComponentReport:
        return replace(each, ported=tuple(told(one) for one in each.ported))

    return replace(report, components=tuple(component(each) for each in report.components))


def _sweep(out: Path) -> None:
    """Remove what an interrupted run left half written; nobody writes here at the end of a run."""
    for folder in (out, out / layout.WHEELS, out / layout.TARBALLS):
        for left in folder.glob(".part-*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def _released(report: Report) -> dict[str, Digest]:
    releases = [each.release for each in report.components if each.release is not None]
    return {artifact.path: artifact.sha256 for release in releases for artifact in release.artifacts}


def _kept(out: Path, key: SigningKey) -> dict[str, Digest]:
    """Files of earlier releases that our own manifest lists and that still are what it says."""
    try:
        payload = json.loads(verify((out / layout.MANIFEST).read_bytes(), key.public))
        return dict(_unchanged(out, payload))
    except (OSError, AvrError, ValueError, KeyError, TypeError):
        return {}


def _unchanged(out: Path, payload: dict[str, Any]) -> Iterator[tuple[str, Digest]]:
    for subject in payload["subject"]:
        name, digest = str(subject["name"]), Digest(subject["digest"]["sha256"])
        path = out / name
        if layout.is_inside(name) and path.is_file() and digest_of(path.read_bytes()) == digest:
            yield name, digest
