"""Writes releases into the output folder, and signs what it wrote."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from avr.model.backport import PortedFix
from avr.model.fix import Fix
from avr.model.identifiers import Digest
from avr.model.plan import Plan
from avr.model.release import Artifact, Release
from avr.stages.deliver import layout
from avr.stages.deliver.capsule import capsule
from avr.stages.deliver.delivery import Delivery
from avr.stages.deliver.dep3 import patch, tests_patch
from avr.stages.deliver.folders import make_folder, write_folder
from avr.stages.deliver.provenance import delta_statement, provenance
from avr.stages.deliver.vex import vex
from avr.tools import documents
from avr.tools.blobs import digest_of, write_atomically
from avr.tools.signing import SigningKey


def write_release(delivery: Delivery, out: Path, key: SigningKey) -> Release:
    """Write one release under `out`: its artifacts into `wheels` or `tarballs`, all else into a folder of its own.

    The folder appears whole or not at all; an earlier release of the same version is replaced at that moment.
    Raises `AvrError` `store.disk-full` or `store.not-writable`, and `patch.binary` for a binary code file.
    """
    name = layout.folder_name(delivery.component, delivery.version)
    inside = {**contents(delivery), layout.DELTA: key.sign(delta_statement(delivery))}
    proof = capsule(delivery, inside, key)
    if proof is not None:
        inside |= {layout.capsule_name(delivery.component, delivery.version): proof}
    everything = {layout.artifact(file): data for file, data in delivery.built.files.items()}
    everything |= {f"{name}/{path}": data for path, data in inside.items()}
    subjects = {path: digest_of(data) for path, data in everything.items()}
    envelope = key.sign(provenance(delivery, subjects))
    for file, data in delivery.built.files.items():
        make_folder((out / layout.artifact(file)).parent)
        write_atomically(out / layout.artifact(file), data)
    write_folder(out / name, {**inside, layout.PROVENANCE: envelope})
    everything[f"{name}/{layout.PROVENANCE}"] = envelope
    artifacts = [_artifact(path, data) for path, data in sorted(everything.items())]
    return Release(component=delivery.component, version=delivery.version, artifacts=tuple(artifacts))


def contents(delivery: Delivery) -> dict[str, bytes]:
    """The files of a release's own folder by path, the provenance excepted."""
    from avr.stages.deliver.sbom import sbom

    diff = patch(delivery)
    plan = _slim_plan(delivery.plan)
    plan_id = documents.digest(plan)
    files = {
        layout.patch_name(delivery.component, delivery.version): diff,
        layout.SBOM: sbom(delivery, diff),
        layout.VEX: vex(delivery),
        layout.PLAN: documents.dumps(layout.PLAN_SCHEMA, plan),
        layout.BACKPORT: documents.dumps(layout.BACKPORT_SCHEMA, _slim_backport(delivery), [plan_id]),
        layout.EVIDENCE: documents.dumps(layout.EVIDENCE_SCHEMA, delivery.evidence, [plan_id]),
        layout.FINDINGS: documents.dumps(
            layout.FINDINGS_SCHEMA, delivery.findings, [documents.digest(delivery.evidence)]
        ),
    }
    files |= {f"{layout.SECURITY_TESTS}/{path}": data for path, data in delivery.backport.security_tests.items()}
    tests = tests_patch(delivery.backport)
    return files | ({layout.SECURITY_PATCH: tests} if tests else {}) | _logs(delivery)


def _logs(delivery: Delivery) -> dict[str, bytes]:
    digests: set[Digest] = set()
    for each in delivery.evidence:
        digests |= {*each.logs.values(), *(run.log for run in (*each.before, *each.after) if run.log is not None)}
    found: Mapping[Digest, bytes | None] = {each: delivery.log_of(each) for each in sorted(digests)}
    return {f"{layout.LOGS}/{digest}.log": data for digest, data in found.items() if data is not None}


def _slim_plan(plan: Plan) -> Plan:
    steps = (replace(each, candidates=tuple(_slim(fix) for fix in each.candidates)) for each in plan.steps)
    return replace(plan, steps=tuple(steps)).without_prose()


def _slim_backport(delivery: Delivery) -> tuple[PortedFix, ...]:
    return tuple(replace(each, fix=_slim(each.fix)) for each in delivery.backport.ported)


def _slim(fix: Fix) -> Fix:
    """The fix without file contents: its commits say where to find them, its paths and kinds stay."""
    return layout.told_of(replace(fix, files=tuple(replace(each, before=None, after=None) for each in fix.files)))


def _artifact(path: str, data: bytes) -> Artifact:
    return Artifact(path=path, role=_role(path), sha256=digest_of(data), size=len(data))


def _role(path: str) -> str:
    name = path.partition("/")[2]
    if layout.is_artifact(path):
        return {".whl": "wheel", ".tgz": "tarball"}.get(name[-4:], "sdist")
    roles = {
        layout.SBOM: "sbom",
        layout.VEX: "vex",
        layout.PROVENANCE: "provenance",
        layout.DELTA: "delta",
        layout.EVIDENCE: "evidence",
        layout.FINDINGS: "findings",
        layout.PLAN: "plan",
        layout.BACKPORT: "backport",
        layout.SECURITY_PATCH: "security-tests",
    }
    if name in roles:
        return roles[name]
    if name.endswith(".capsule.zip") and "/" not in name:
        return "capsule"
    if name.startswith(f"{layout.SECURITY_TESTS}/"):
        return "security-tests"
    return "log" if name.startswith(f"{layout.LOGS}/") else "patch"
