"""The proof capsule: everything that a stranger needs to run a release's proof again, in one signed file.

A stored zip archive of sorted members. The first is a DSSE envelope around an in-toto statement whose subjects are all
the others; docs/decisions/0013-capsule-is-a-stored-zip.md tells why. The original and the dependencies are named by
digest and not inside: everybody who has an index can fetch them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from avr.ecosystems.interface import Equipment
from avr.model.backport import PortedFix
from avr.model.capsule import CapsuleClaim, Expected, NamedFile
from avr.model.evidence import Evidence, Verdict
from avr.model.fix import ChangeKind
from avr.model.identifiers import Gate
from avr.model.report import FindingReport
from avr.stages.deliver import layout
from avr.stages.deliver.delivery import Delivery
from avr.stages.deliver.provenance import definition, statement
from avr.tools import documents
from avr.tools.blobs import digest_of
from avr.tools.packing import pack_zip
from avr.tools.signing import SigningKey

MTIME = 315532800
"""The time of every member, in Unix seconds: the earliest that zip can hold."""
_README = """A proof capsule of AVR Factory: the evidence that {version} of {name} closes
{advisories}, to be run again by anyone.

    avr prove {file}

checks every signature and digest, fetches the original {name} {pin} and the
dependencies of {lock} from your package index, and runs tests and exploits
before and after the patch in a sandbox. docs/how-to/prove-a-fix.md tells more.
"""


def capsule(delivery: Delivery, inside: Mapping[str, bytes], key: SigningKey) -> bytes | None:
    """The capsule of a release as bytes; None where nothing was shown by running something.

    `inside` are the files of the release's own folder by path; the same delivery and key give the same bytes.
    """
    if delivery.equipment is None:
        return None
    exploits = _exploits(delivery)
    claim = _claim(delivery, exploits)
    if not claim.expected:
        return None
    members = {
        **_proof(delivery, delivery.equipment, inside),
        **exploits,
        layout.CAPSULE_CLAIM: documents.dumps(layout.CAPSULE_SCHEMA, claim, [documents.digest(delivery.evidence)]),
        layout.PUBLIC_KEY: key.public,
        "README.txt": _readme(delivery, claim, delivery.equipment.lock_name),
    }
    return pack({path: data for path, data in members.items() if _writable(path)}, key, definition(delivery))


def pack(members: Mapping[str, bytes], key: SigningKey, predicate: Mapping[str, object]) -> bytes:
    """The archive of `members`, with the signed statement over them as its first one."""
    subjects = {path: digest_of(data) for path, data in members.items()}
    envelope = key.sign(statement(subjects, layout.CAPSULE_TYPE, {"buildDefinition": dict(predicate)}))
    return archive({layout.CAPSULE_ENVELOPE: envelope, **members})


def archive(members: Mapping[str, bytes]) -> bytes:
    """The one form that a capsule of these members has: the envelope first, the others by name, nothing compressed."""
    order = sorted(members, key=lambda path: (path != layout.CAPSULE_ENVELOPE, path))
    return pack_zip({path: members[path] for path in order}, MTIME)


def _proof(delivery: Delivery, equipment: Equipment, inside: Mapping[str, bytes]) -> dict[str, bytes]:
    """The patch, the tests, the environment, and the evidence and logs of the release's own folder.

    Documents that name the user's own files stay at home.
    """
    kept = (layout.SECURITY_TESTS, layout.LOGS)
    named = (layout.EVIDENCE, layout.BACKPORT, layout.SECURITY_PATCH)
    patch = layout.patch_name(delivery.component, delivery.version)
    return {
        **{path: data for path, data in inside.items() if path in named or path.partition("/")[0] in kept},
        layout.CAPSULE_PATCH: inside[patch],
        layout.CAPSULE_FIXES: documents.dumps(layout.BACKPORT_SCHEMA, _with_tests(delivery)),
        equipment.lock_name: equipment.lock,
        **{f"{layout.WHEELS}/{name}": data for name, data in equipment.files.items()},
        **{f"{layout.CAPSULE_SUITE}/{path}": data for path, data in equipment.overlay.items()},
    }


def _with_tests(delivery: Delivery) -> tuple[PortedFix, ...]:
    """The ported fixes with upstream's test files whole: which functions they change decides what a red test means."""

    def kept(each: PortedFix) -> PortedFix:
        fix = replace(each.fix, files=each.fix.of_kind(ChangeKind.TEST))
        return replace(each, fix=layout.told_of(fix), siblings=())

    return tuple(kept(each) for each in delivery.backport.ported)


def _exploits(delivery: Delivery) -> dict[str, bytes]:
    """Programs and contract of the exploits that fired before and were blocked after, as they were run."""
    found: dict[str, bytes] = {}
    for each in _passed(delivery, Gate.EXPLOIT):
        program, contract = (delivery.log_of(each.logs[name]) for name in ("program", "contract"))
        if program is not None and contract is not None:
            found[f"{layout.CAPSULE_EXPLOITS}/{each.facts['exploit']}"] = program
            found[layout.CAPSULE_CONTRACT] = contract
    return found


def _claim(delivery: Delivery, exploits: Mapping[str, bytes]) -> CapsuleClaim:
    component = replace(delivery.component, locations=(), hashes=())
    originals = (
        NamedFile(
            package=component.name,
            version=component.version,
            filename=path.name,
            sha256=digest_of(path.read_bytes()),
        )
        for path in delivery.pin.originals
    )
    expected = [_expected(delivery, each, exploits) for each in delivery.fixed]
    return CapsuleClaim(
        component=component,
        version=delivery.version,
        originals=tuple(originals),
        lock=delivery.equipment.lock_name if delivery.equipment else "",
        expected=tuple(each for each in expected if each.turned_green or each.blocked),
        tool_version=delivery.tool_version,
    )


def _expected(delivery: Delivery, found: FindingReport, exploits: Mapping[str, bytes]) -> Expected:
    advisory = found.finding.id
    tests = [each for each in _passed(delivery, Gate.SECURITY_TEST) if each.advisory == advisory]
    fired = [each for each in _passed(delivery, Gate.EXPLOIT) if each.advisory == advisory]
    green = {name for each in tests for name in _names(each.facts.get("turned_green"))}
    blocked = {str(each.facts["exploit"]) for each in fired}
    return Expected(
        advisory=advisory,
        names=tuple(found.finding.advisory.ids),
        assurance=found.assurance,
        turned_green=tuple(sorted(green)),
        blocked=tuple(sorted(each for each in blocked if f"{layout.CAPSULE_EXPLOITS}/{each}" in exploits)),
    )


def _passed(delivery: Delivery, gate: Gate) -> Iterator[Evidence]:
    return (each for each in delivery.evidence if each.gate is gate and each.verdict is Verdict.PASSED)


def _names(value: object) -> list[str]:
    return value if isinstance(value, list) else []


def _readme(delivery: Delivery, claim: CapsuleClaim, lock: str) -> bytes:
    advisories = ", ".join(each.advisory for each in claim.expected)
    text = _README.format(
        name=claim.component.name,
        version=claim.version,
        pin=claim.component.version,
        advisories=advisories,
        file=layout.capsule_name(delivery.component, delivery.version),
        lock=lock,
    )
    return text.encode()


def _writable(path: str) -> bool:
    """Whether a zip archive can name the file: a name that is no UTF-8 cannot be a test module's either."""
    return layout.is_inside(path) and not any("\ud800" <= letter <= "\udfff" for letter in path)
