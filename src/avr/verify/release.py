"""What a release's own documents say, read after their signatures and digests were checked."""

import re
from dataclasses import dataclass
from typing import Any

from avr.ecosystems import schemes
from avr.errors import ProofError
from avr.model.assurance import assurance
from avr.model.component import Component
from avr.model.evidence import Evidence
from avr.model.identifiers import EcosystemName, State
from avr.model.plan import Plan
from avr.model.report import FindingReport, Report
from avr.stages.deliver import layout
from avr.tools import documents
from avr.verify.folder import Folder, Statement

_PURL = re.compile(
    r"pkg:(?P<type>[a-z]+)/(?P<name>(?:%40[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)?[A-Za-z0-9_~][A-Za-z0-9._~-]*)@(?P<version>[A-Za-z0-9.!_-]+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A release as its provenance describes it: originals by file name with their digests, and what was made."""

    part: str
    component: Component
    revision: int
    originals: dict[str, str]
    provenance: Statement

    @property
    def version(self) -> str:
        """The patched version."""
        return schemes.of(self.component.ecosystem).patched(self.component.version, self.revision)

    @property
    def patch(self) -> str:
        """Where the patch is, relative to the output folder."""
        return f"{self.part}/{layout.patch_name(self.component, self.version)}"

    @property
    def artifacts(self) -> dict[str, str]:
        """Digests of wheels and source archives by file name."""
        found = self.provenance.subjects.items()
        return {path.partition("/")[2]: digest for path, digest in found if layout.is_artifact(path)}


def read_claim(part: str, provenance: Statement) -> Claim:
    """The claim in a provenance statement; raises `ProofError` `verify.provenance` where it cannot be understood."""
    try:
        definition = provenance.predicate["buildDefinition"]
        parameters = definition["externalParameters"]
        component = component_of(parameters["purl"])
        revision = int(parameters["revision"])
        originals = dict(_original(each) for each in definition["resolvedDependencies"] if "sha256" in each["digest"])
    except (KeyError, TypeError, ValueError) as error:
        raise _unclear(provenance, "does not say what was made from what") from error
    if component is None or revision < 1:
        raise _unclear(provenance, f"speaks of {parameters['purl']!r}, which is no pinned package")
    claim = Claim(part=part, component=component, revision=revision, originals=originals, provenance=provenance)
    if layout.folder_name(component, claim.version) != part:
        raise _unclear(provenance, f"speaks of {component}, in the folder {part!r}")
    return claim


def component_of(purl: str) -> Component | None:
    """The component that a package URL names, read as hostile; None where it is no pinned package that we know."""
    match = _PURL.fullmatch(purl)
    ecosystems = {each.lower(): each for each in EcosystemName}
    if match is None or match["type"] not in ecosystems:
        return None
    return Component(
        ecosystem=ecosystems[match["type"]], name=match["name"].replace("%40", "@"), version=match["version"]
    )


def _original(entry: dict[str, Any]) -> tuple[str, str]:
    return str(entry["name"]), str(entry["digest"]["sha256"])


def read_plan(folder: Folder, claim: Claim) -> Plan:
    """The plan that was carried out, without file contents."""
    path = f"{claim.part}/{layout.PLAN}"
    return documents.loads(folder.read(path), layout.PLAN_SCHEMA, Plan, path)


def read_evidence(folder: Folder, claim: Claim) -> tuple[Evidence, ...]:
    """All recorded checks."""
    path = f"{claim.part}/{layout.EVIDENCE}"
    return documents.loads(folder.read(path), layout.EVIDENCE_SCHEMA, tuple[Evidence, ...], path)


def read_findings(folder: Folder, claim: Claim) -> tuple[FindingReport, ...]:
    """The claimed final state of every finding."""
    path = f"{claim.part}/{layout.FINDINGS}"
    return documents.loads(folder.read(path), layout.FINDINGS_SCHEMA, tuple[FindingReport, ...], path)


def read_report(folder: Folder) -> Report:
    """The report of the last run."""
    path = layout.REPORT_JSON
    return documents.loads(folder.read(path), layout.REPORT_SCHEMA, Report, path)


def overclaimed(folder: Folder, claim: Claim) -> str | None:
    """A sentence about the first level that the evidence does not bear, or None where every claim stands."""
    evidence = read_evidence(folder, claim)
    claimed = [(f"{claim.part}/{layout.FINDINGS}", each) for each in read_findings(folder, claim)]
    for component in read_report(folder).components:
        made = component.release
        if made is not None and (made.component.name, made.version) == (claim.component.name, claim.version):
            claimed += [(layout.REPORT_JSON, each) for each in component.findings]
    for path, each in claimed:
        if each.state is not State.FIXED:
            continue
        level = assurance(evidence, each.finding.id)
        if level != each.assurance:
            return f"{path!r} claims {each.assurance} for {each.finding.id}, the evidence bears {level}"
    return None


def _unclear(provenance: Statement, what: str) -> ProofError:
    return ProofError("verify.provenance", f"{provenance.name!r} {what}", hint="fetch the folder again")
