"""How a release was made: an in-toto statement with SLSA v1 provenance, https://slsa.dev/spec/v1.0/provenance."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from avr.model.identifiers import Digest
from avr.stages.deliver import layout
from avr.stages.deliver.delivery import Delivery
from avr.stages.deliver.delta import deltas
from avr.stages.deliver.layout import BUILD_TYPE, BUILDER, SLSA_PROVENANCE, without_credentials
from avr.tools import documents
from avr.tools.blobs import digest_of


def provenance(delivery: Delivery, subjects: Mapping[str, Digest]) -> bytes:
    """The statement about `subjects`, digests by path relative to the output folder, as canonical JSON."""
    details = {"builder": {"id": BUILDER, "version": {"avr-factory": delivery.tool_version}}}
    predicate = {"buildDefinition": definition(delivery), "runDetails": details}
    return statement(subjects, SLSA_PROVENANCE, predicate)


def definition(delivery: Delivery) -> dict[str, Any]:
    """The build definition of SLSA v1: what was asked for, and the originals and commits that were used."""
    return {
        "buildType": BUILD_TYPE,
        "externalParameters": {
            "purl": delivery.component.purl,
            "advisories": [each.advisory for each in delivery.backport.ported],
            "revision": delivery.revision,
        },
        "internalParameters": {"avr-factory": delivery.tool_version},
        "resolvedDependencies": list(_dependencies(delivery)),
    }


def delta_statement(delivery: Delivery) -> bytes:
    """The statement that compares the artifacts with the registry's files, member by member, as canonical JSON.

    It also says in which members the unpatched release, made anew the same way, differs from the registry's wheel.
    """
    pin, built = delivery.pin, delivery.built
    found = deltas(pin, delivery.backport.patched, delivery.version, built.files)
    subjects = {layout.artifact(name): digest_of(data) for name, data in built.files.items()}
    unpatched = built.facts.get("unpatched_differs_from_registry")
    rebuilt = {} if unpatched is None else {"unpatchedRebuildDiffersIn": unpatched}
    return statement(subjects, layout.DELTA_TYPE, {"archives": [each.predicate() for each in found], **rebuilt})


def statement(subjects: Mapping[str, Digest], predicate_type: str, predicate: Mapping[str, Any]) -> bytes:
    """An in-toto statement v1, https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md."""
    return documents.canonical(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(subjects.items())],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


def _dependencies(delivery: Delivery) -> Iterator[dict[str, Any]]:
    for path in delivery.pin.originals:
        yield _original(delivery, path)
    for ported in delivery.backport.ported:
        url = without_credentials(ported.fix.origin_url or "")
        for commit in ported.fix.commits:
            yield {"name": ported.advisory, "digest": {"gitCommit": commit}, **({"uri": url} if url else {})}


def _original(delivery: Delivery, path: Path) -> dict[str, Any]:
    uri = f"{delivery.component.purl}?file_name={path.name}"
    return {"name": path.name, "uri": uri, "digest": {"sha256": digest_of(path.read_bytes())}}
