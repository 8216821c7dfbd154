"""The bill of materials of one release: CycloneDX 1.6 with the pedigree of the patched component.

https://cyclonedx.org/use-cases/pedigree/ - the ancestor is the release that was pinned, the patch is of the type
`backport` and resolves the advisories that are proved to be fixed.
"""

import base64
import hashlib
import uuid

from cyclonedx.model import (
    AttachedText,
    Encoding,
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Commit, Component, ComponentType, Diff, Patch, PatchClassification, Pedigree
from cyclonedx.model.issue import IssueClassification, IssueType, IssueTypeSource
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from avr.model.report import FindingReport
from avr.stages.deliver.delivery import Delivery
from avr.stages.deliver.layout import artifact, patch_name, release_purl, without_credentials


def sbom(delivery: Delivery, patch: bytes) -> bytes:
    """The CycloneDX document of one release as JSON; `patch` is the delivered patch."""
    component = _component(delivery, patch)
    names = [f"{name}:{hashlib.sha256(data).hexdigest()}" for name, data in sorted(delivery.built.files.items())]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join([str(component.purl), *names]))
    tool = Component(name="avr-factory", version=delivery.tool_version, type=ComponentType.APPLICATION)
    metadata = BomMetaData(component=component, timestamp=delivery.moment)
    metadata.tools.components.add(tool)
    return JsonV1Dot6(Bom(serial_number=serial, metadata=metadata)).output_as_string(indent=2).encode()


def _component(delivery: Delivery, patch: bytes) -> Component:
    pinned = delivery.component
    purl = release_purl(pinned, delivery.version)
    return Component(
        type=ComponentType.LIBRARY,
        name=pinned.name,
        version=delivery.version,
        bom_ref=purl,
        purl=PackageURL.from_string(purl),
        external_references=[_file(name, data) for name, data in sorted(delivery.built.files.items())],
        properties=[
            Property(name=f"avr-factory:assurance:{each.finding.id}", value=each.assurance)
            for each in delivery.findings
        ],
        pedigree=Pedigree(
            ancestors=[
                Component(
                    type=ComponentType.LIBRARY,
                    name=pinned.name,
                    version=pinned.version,
                    bom_ref=pinned.purl,
                    purl=PackageURL.from_string(pinned.purl),
                )
            ],
            commits=_commits(delivery),
            patches=[_patch(delivery, patch)],
        ),
    )


def _file(name: str, data: bytes) -> ExternalReference:
    digest = HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(data).hexdigest())
    uri = XsUri(f"../{artifact(name).replace('+', '%2B')}")
    return ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=uri, hashes=[digest])


def _commits(delivery: Delivery) -> list[Commit]:
    found: dict[str, Commit] = {}
    for ported in delivery.backport.ported:
        url = without_credentials(ported.fix.origin_url) if ported.fix.origin_url else ""
        for each in ported.fix.commits:
            found[each] = Commit(uid=each, url=XsUri(url) if url else None)
    return list(found.values())


def _patch(delivery: Delivery, patch: bytes) -> Patch:
    name = patch_name(delivery.component, delivery.version)
    diff = Diff(text=_text(patch), url=XsUri(name.replace("+", "%2B")))
    return Patch(type=PatchClassification.BACKPORT, diff=diff, resolves=[_issue(each) for each in delivery.fixed])


def _text(patch: bytes) -> AttachedText:
    try:
        return AttachedText(content=patch.decode(), content_type="text/x-diff")
    except UnicodeDecodeError:
        encoded = base64.b64encode(patch).decode("ascii")
        return AttachedText(content=encoded, content_type="text/x-diff", encoding=Encoding.BASE_64)


def _issue(report: FindingReport) -> IssueType:
    source = IssueTypeSource(name="OSV", url=XsUri(f"https://osv.dev/vulnerability/{report.finding.id}"))
    return IssueType(type=IssueClassification.SECURITY, id=report.finding.id, source=source)
