"""Remembers how work on a component ended, so that the same question is not worked on twice."""

import hashlib
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import rfc8785

import avr
from avr.config import Settings
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.finding import Finding
from avr.model.identifiers import Assurance, Digest, State
from avr.model.report import ComponentReport
from avr.tools import documents

SCHEMA = "avr.component-report/1"
OPEN_FOR_SECONDS = 24 * 3600
"""How long an outcome that is not closed is believed: upstream may bring a fix tomorrow."""


class Outcomes:
    """Reports and release folders by the digest of everything that was asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: Digest) -> tuple[ComponentReport, Path | None] | None:
        """The remembered report and its release folder, or None where there is none worth believing."""
        path = self._folder / key / "report.json"
        if not path.exists():
            return None
        try:
            report = documents.read(path, SCHEMA, ComponentReport)
        except AvrError:
            return None  # written by another version of the tool, or damaged: the work is done anew
        if report.state is not State.FIXED and time.time() - path.stat().st_mtime > OPEN_FOR_SECONDS:
            return None
        release = self._folder / key / "release"
        return report, release if release.is_dir() else None

    def keep(self, key: Digest, report: ComponentReport, release: Path | None) -> None:
        """Remember a report; outcomes that a broken world caused are not kept."""
        if report.state is State.FAILED:
            return
        folder = self._folder / key
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if release is not None:
            shutil.copytree(release, folder / "release")
        documents.write(folder / "report.json", SCHEMA, report)


def key(component: Component, findings: Sequence[Finding], settings: Settings, minimum: Assurance) -> Digest:
    """The digest of what was asked: component, advisories as they stand, settings that matter, and this program."""
    asked = {
        "program": program(),
        "purl": component.purl,
        "hashes": sorted(component.hashes),
        "advisories": sorted(f"{found.id} {found.advisory.modified.isoformat()}" for found in findings),
        "git": [settings.git, settings.git_mirror or ""],
        "suite": [settings.suite_runs, settings.suite_seconds],
        "minimum": minimum.value,
    }
    return Digest(hashlib.sha256(rfc8785.dumps(asked)).hexdigest())


def program() -> str:
    """The digest of this program's own sources: a changed engine may come to another result."""
    digest = hashlib.sha256(avr.__version__.encode())
    root = Path(avr.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
