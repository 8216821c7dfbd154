"""Remembers how work on a component ended, so that the same question is not worked on twice."""

import hashlib
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import avr
from avr.config import Settings
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.finding import Finding
from avr.model.identifiers import Assurance, Digest, State
from avr.model.report import ComponentReport
from avr.tools import documents, sandbox
from avr.tools.blobs import write_atomically

SCHEMA = "avr.component-report/1"
OPEN_FOR_SECONDS = 24 * 3600
"""How long an outcome that is not closed is believed: upstream may bring a fix tomorrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A remembered outcome: the report, the release's files and the evidence pack, by path in an output folder."""

    report: ComponentReport
    files: Mapping[str, bytes]
    review: Mapping[str, bytes]


class Outcomes:
    """Reports, releases and evidence packs by the digest of everything that was asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: Digest) -> Known | None:
        """What is remembered, or None where there is nothing, or nothing worth believing."""
        path = self._folder / key / "report.json"
        if not path.exists():
            return None
        try:
            report = documents.read(path, SCHEMA, ComponentReport)
        except AvrError:
            return None  # written by another version of the tool, or damaged: the work is done anew
        if report.state is not State.FIXED and time.time() - path.stat().st_mtime > OPEN_FOR_SECONDS:
            return None
        files, review = _contents(path.parent / "release"), _contents(path.parent / "review")
        digests = {each.path: each.sha256 for each in (report.release.artifacts if report.release else ())}
        if digests != {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}:
            return None
        return Known(report=report, files=files, review=review)

    def keep(
        self, key: Digest, report: ComponentReport, files: Mapping[str, bytes], review: Mapping[str, bytes]
    ) -> None:
        """Remember an outcome; one that a broken world caused is not kept."""
        if report.state is State.FAILED:
            return
        folder = self._folder / key
        shutil.rmtree(folder, ignore_errors=True)
        for part, contents in (("release", files), ("review", review)):
            for path, data in contents.items():
                write_atomically(folder / part / path, data)
        folder.mkdir(parents=True, exist_ok=True)
        documents.write(folder / "report.json", SCHEMA, report)


def _contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ()
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def key(component: Component, findings: Sequence[Finding], settings: Settings, minimum: Assurance) -> Digest:
    """The digest of what was asked: component, advisories as they stand, settings that matter, and this program."""
    asked = {
        "program": program(),
        "purl": component.purl,
        "hashes": sorted(component.hashes),
        "advisories": sorted(f"{found.id} {found.advisory.modified.isoformat()}" for found in findings),
        "code": sorted(block.text for found in findings for block in found.advisory.code),
        "git": [settings.git, settings.git_mirror or ""],
        "suite": [settings.suite_runs, settings.suite_seconds, settings.behaviour_seconds],
        "necessity": settings.necessity_seconds,
        "minimum": minimum.value,
        "sandbox": sandbox.taken(),
    }
    return documents.digest(asked)


def program(*parts: str) -> str:
    """The digest of this program's own sources, or of some folders among them: changed code may end otherwise."""
    digest = hashlib.sha256(avr.__version__.encode())
    root = Path(avr.__file__).parent
    for folder in [root / part for part in parts] or [root]:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
