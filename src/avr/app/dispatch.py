"""What becomes of finished components: remembered, delivered into the output folder, told in the report."""

import hashlib
import threading
from dataclasses import replace
from pathlib import Path

from avr.app.outcomes import Outcomes
from avr.app.releases import Releases, revision_of
from avr.app.remediate import Remediated
from avr.app.review import FOLDER, pack
from avr.app.rewriting import rewrite_target
from avr.app.wiring import Parts
from avr.config import Settings
from avr.ecosystems.interface import Pin
from avr.model.backport import Backport
from avr.model.component import Component, Inventory
from avr.model.identifiers import Assurance, Digest, State
from avr.model.plan import Plan
from avr.model.release import Artifact
from avr.model.report import ComponentReport, Report
from avr.stages.deliver import layout
from avr.stages.deliver.act import write_release
from avr.stages.deliver.delivery import Delivery
from avr.stages.deliver.publish import write_report
from avr.tools import documents
from avr.tools.blobs import BlobStore, write_atomically
from avr.tools.signing import load_key


class Dispatch:
    """The end of one run; its methods are called from worker threads, `finish` once at the end."""

    def __init__(self, settings: Settings, parts: Parts, output: Path, minimum: Assurance) -> None:
        self.releases = Releases(settings.home / "releases")
        self._settings = settings
        self._parts = parts
        self._output = output
        self._minimum = minimum
        self._outcomes = Outcomes(settings.cache / "outcomes")
        self._blobs = BlobStore(settings.cache / "blobs")
        self._review: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def remembered(self, key: Digest) -> ComponentReport | None:
        """The report of the same question asked before, its release copied into the output folder."""
        known = self._outcomes.load(key)
        if known is None:
            return None
        for path, data in known.files.items():
            write_atomically(self._output / path, data)
        with self._lock:
            self._review |= known.review
        return known.report

    def revision(self, base: Component, backport: Backport, at_least: int) -> int:
        """The N of `+avr.N`: the one that carried this patch before, or the next free one."""
        return self.releases.revision_for(base, patch_digest(backport), at_least)

    def deliver(self, key: Digest, pin: Pin, plan: Plan, result: Remediated) -> ComponentReport:
        """Write the release where something was fixed, the evidence pack where something is open; remember both."""
        report = self._released(pin, plan, result)
        files = {each.path: (self._output / each.path).read_bytes() for each in _artifacts(report)}
        review = pack(report, plan, result.choice) if report.state is State.NEEDS_REVIEW else {}
        with self._lock:
            self._review |= review
        self._outcomes.keep(key, report, files, review)
        return report

    def _released(self, pin: Pin, plan: Plan, result: Remediated) -> ComponentReport:
        report, choice, judgement = result.report, result.choice, result.judgement
        fixed = [each.finding.id for each in report.findings if each.state is State.FIXED]
        if not fixed or choice is None or judgement is None or judgement.built is None:
            return report
        built = judgement.built
        revision = revision_of(replace(pin.component, version=built.version))
        delivery = Delivery(
            pin=pin,
            plan=plan,
            backport=choice.backport,
            findings=report.findings,
            evidence=judgement.evidence,
            built=built,
            revision=revision,
            tool_version=self._parts.version,
            minimum=self._minimum,
            log_of=self._log,
            equipment=result.bench.equipment(pin.tree, choice.backport.security_tests) if result.bench else None,
        )
        release = write_release(delivery, self._output, load_key(self._settings.home))
        self.releases.record(pin.component, revision, fixed, patch_digest(choice.backport))
        return replace(report, release=release)

    def _project_logs(self, report: Report) -> dict[str, bytes]:
        """The outputs of the tests of the user's own project, by their paths in the output folder."""
        digests = sorted(set(report.project.logs.values())) if report.project else []
        found = {digest: self._log(digest) for digest in digests}
        return {f"{layout.PROJECT}/{digest}.log": data for digest, data in found.items() if data is not None}

    def _log(self, digest: Digest) -> bytes | None:
        return self._blobs.get(digest) if self._blobs.has(digest) else None

    def keep_trace(self, component: Component, trace: str) -> None:
        """Put a defect's traceback where the person who reports it finds it."""
        with self._lock:
            self._review[f"{FOLDER}/{component.slug}-{component.version}/trace.txt"] = trace.encode()

    def finish(self, report: Report, inventory: Inventory, *, held: str) -> tuple[str, ...]:
        """Rewrite the target where it is a requirements file, then write and sign the report; gives remarks.

        `held` is the reason why the target stays as it is, empty where there is none.
        """
        key = load_key(self._settings.home)
        rewriting = rewrite_target(report, inventory, self._output, self._parts, self._settings, held=held)
        write_report(report, self._output, key, {**self._review, **rewriting.copies, **self._project_logs(report)})
        return rewriting.notes


def _artifacts(report: ComponentReport) -> tuple[Artifact, ...]:
    return report.release.artifacts if report.release else ()


def patch_digest(backport: Backport) -> Digest:
    """The digest of what a backport changes: paths with their contents before and after."""
    sides = (backport.pinned.files, backport.patched.files)
    changes = {path: [_digest(side.get(path)) for side in sides] for path in backport.changed_paths}
    return documents.digest(changes)


def _digest(data: bytes | None) -> str:
    return hashlib.sha256(data).hexdigest() if data is not None else ""
