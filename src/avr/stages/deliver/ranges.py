"""What a checked range has to tell others: a corrected OSV record, and OpenVEX for releases that are not affected.

https://ossf.github.io/osv-schema/ and https://github.com/openvex/spec. Facts only: no prose of an advisory is repeated.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from avr.model.affected import RangeCheck, Shown, TestedRelease
from avr.model.evidence import Verdict
from avr.model.identifiers import Gate
from avr.stages.deliver.layout import BUILDER
from avr.tools import documents

_OSV_VERSION = "1.6.7"


def corrected_record(check: RangeCheck, moment: datetime) -> bytes:
    """The advisory's record with the ranges that were shown, as JSON; ready to be proposed to its source."""
    advisory = check.advisory
    body: dict[str, Any] = {
        "schema_version": _OSV_VERSION,
        "id": advisory.id,
        "aliases": sorted(advisory.aliases),
        "modified": _stamp(moment),
        "affected": [_affected(check)],
        "references": [{"type": each.type.value, "url": each.url} for each in advisory.references],
        "severity": [{"type": each.type, "score": each.score} for each in advisory.severity],
    }
    return documents.canonical({key: value for key, value in body.items() if value})


def not_affected(check: RangeCheck, moment: datetime, tool_version: str) -> bytes | None:
    """An OpenVEX document on the releases that the advisory claims and that are not affected; None where none is."""
    cleared = [each for each in check.disagreeing if each.shown is Shown.UNAFFECTED]
    if not cleared:
        return None
    body: dict[str, Any] = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "author": BUILDER,
        "role": "range checker",
        "timestamp": _stamp(moment),
        "version": 1,
        "tooling": f"avr-factory {tool_version}",
        "statements": [_statement(check, each) for each in cleared],
    }
    return documents.canonical({**body, "@id": f"urn:avr-factory:vex:{documents.digest(body)}"})


def events(check: RangeCheck) -> tuple[dict[str, str], ...]:
    """The events of one ECOSYSTEM range that holds exactly the releases to be believed affected."""
    believed = {each.version: each.affected for each in check.releases}
    return tuple(_events([(version, believed.get(version, False)) for version in check.versions]))


def _events(versions: list[tuple[str, bool]]) -> Iterator[dict[str, str]]:
    inside = False
    for index, (version, affected) in enumerate(versions):
        if affected and not inside:
            yield {"introduced": version if index else "0"}
        elif inside and not affected:
            yield {"fixed": version}
        inside = affected


def _affected(check: RangeCheck) -> dict[str, Any]:
    shown = {each.version: each.shown.value for each in check.releases}
    return {
        "package": {"ecosystem": check.ecosystem.value, "name": check.package},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events(check))}],
        "versions": [each.version for each in check.releases if each.affected],
        "database_specific": {
            "tested": shown,
            "exploits": list(check.exploits),
            "tests": list(check.tests),
            "tool": BUILDER,
        },
    }


def _statement(check: RangeCheck, release: TestedRelease) -> dict[str, Any]:
    advisory = check.advisory
    purl = f"pkg:{check.ecosystem.lower()}/{check.package}@{release.version}"
    others = sorted(set(advisory.ids) - {advisory.name})
    return {
        "vulnerability": {"name": advisory.name, **({"aliases": others} if others else {})},
        "products": [{"@id": purl, "identifiers": {"purl": purl}}],
        "status": "not_affected",
        "impact_statement": _impact(release),
    }


def _impact(release: TestedRelease) -> str:
    """The runs that cleared the release: the exploits where they did, else the fix's tests."""
    attacks = [each for each in release.evidence if each.gate is Gate.EXPLOIT]
    if attacks and all(each.verdict is Verdict.PASSED for each in attacks):
        facts = [f"{each.facts['exploit']} (sha256 {each.facts['digest']})" for each in attacks]
        return f"Blocked on this release in every run of {', '.join(facts)}."
    return f"Tests of the fix: {release.why}."


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
