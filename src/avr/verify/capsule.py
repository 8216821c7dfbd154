"""A proof capsule, read as hostile: one form, one signature over every member, a claim that follows from its evidence.

Nothing of it is believed for being signed. What a capsule claims is compared with what its programs show here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from avr.errors import AvrError, ProofError, UsageError
from avr.model.assurance import assurance
from avr.model.backport import PortedFix
from avr.model.capsule import CapsuleClaim
from avr.model.evidence import Evidence
from avr.model.exploit import Exploit
from avr.proofs import library
from avr.stages.deliver import layout
from avr.stages.deliver.capsule import archive
from avr.tools import documents, signing
from avr.tools.archives import Limits, unpack
from avr.verify.folder import Statement, read_statement
from avr.verify.release import component_of

T = TypeVar("T")
LIMITS = Limits(total=512 << 20, member=128 << 20, members=50_000)
"""How much a capsule may hold, in bytes and members."""
_HINT = "do not use this capsule; fetch it again from where it came"


@dataclass(frozen=True, kw_only=True)
class Capsule:
    """A capsule whose signature and digests hold; `key` is the public key (PEM) that signed it."""

    name: str
    key: bytes
    members: Mapping[str, bytes]
    claim: CapsuleClaim
    ported: tuple[PortedFix, ...]
    evidence: tuple[Evidence, ...]

    @property
    def patch(self) -> bytes:
        """The code changes."""
        return self._member(layout.CAPSULE_PATCH)

    @property
    def lock(self) -> bytes:
        """The lock file of the environment."""
        return self._member(self.claim.lock)

    @cached_property
    def tests(self) -> dict[str, bytes]:
        """The fix's tests as they were ported, by path in the tree."""
        return self._below(layout.SECURITY_TESTS)

    @cached_property
    def suite(self) -> dict[str, bytes]:
        """Files of the upstream suite that the original archive lacks, by path in the tree."""
        return self._below(layout.CAPSULE_SUITE)

    @cached_property
    def wheels(self) -> dict[str, bytes]:
        """Dependencies that no index has as wheels, by file name."""
        return self._below(layout.WHEELS)

    @cached_property
    def exploits(self) -> dict[str, Exploit]:
        """The programs by file name, their facts read and never run; raises `ProofError` `capsule.exploit`."""
        contract = layout.CAPSULE_CONTRACT.rpartition("/")[2]
        found = {name: data for name, data in self._below(layout.CAPSULE_EXPLOITS).items() if name != contract}
        return {name: self._exploit(name, data) for name, data in found.items()}

    def _exploit(self, name: str, program: bytes) -> Exploit:
        try:
            parsed = library.parse(name, program)
        except AvrError as error:
            raise ProofError("capsule.exploit", f"{self.name!r}: {error.message}", hint=_HINT) from error
        if "/" in name or parsed.package != self.claim.component.name:
            message = f"{self.name!r}: the exploit {name!r} is not one of {self.claim.component.name}"
            raise ProofError("capsule.exploit", message, hint=_HINT)
        return replace(parsed, contract=self._member(layout.CAPSULE_CONTRACT))

    def _member(self, path: str) -> bytes:
        data = self.members.get(path)
        if data is None:
            raise refused("capsule.member", self.name, f"has no {path!r}")
        return data

    def _below(self, folder: str) -> dict[str, bytes]:
        start = f"{folder}/"
        return {path.removeprefix(start): data for path, data in self.members.items() if path.startswith(start)}


def load(path: Path, key: bytes | None = None) -> Capsule:
    """The capsule in a file; `key` is the public key (PEM) of whom one trusts, None for the one inside.

    Raises `UsageError` `prove.no-capsule` where there is no such file, and what `read` raises.
    """
    try:
        if path.stat().st_size > LIMITS.total:
            raise refused("capsule.size", str(path), f"is larger than {LIMITS.total} bytes")
        data = path.read_bytes()
    except OSError as error:
        hint = "name a file *.capsule.zip from the output folder of `avr fix`"
        message = f"cannot read {str(path)!r}: {error.strerror}"
        raise UsageError("prove.no-capsule", message, hint=hint) from error
    return read(data, path.name, key)


def read(data: bytes, name: str, key: bytes | None = None) -> Capsule:
    """The capsule in `data`; raises `ProofError` `capsule.*`, `signature.*` or `document.*`, naming the member."""
    members = _members(data, name)
    signer = key if key is not None else members.get(layout.PUBLIC_KEY)
    envelope = members.pop(layout.CAPSULE_ENVELOPE, None)
    if envelope is None or signer is None:
        raise refused("capsule.member", name, f"has no {layout.CAPSULE_ENVELOPE!r} or no {layout.PUBLIC_KEY!r}")
    statement = read_statement(envelope, signer, layout.CAPSULE_TYPE, f"{name}: {layout.CAPSULE_ENVELOPE}")
    _check_members(members, statement, name)
    if archive({**members, layout.CAPSULE_ENVELOPE: signing.plain(envelope)}) != data:
        raise refused(
            "capsule.form", name, "holds more than its members, or holds them in another form than avr writes"
        )
    return _consistent(
        Capsule(
            name=name,
            key=signer,
            members=members,
            claim=_document(members, name, layout.CAPSULE_CLAIM, layout.CAPSULE_SCHEMA, CapsuleClaim),
            ported=_document(members, name, layout.CAPSULE_FIXES, layout.BACKPORT_SCHEMA, tuple[PortedFix, ...]),
            evidence=_document(members, name, layout.EVIDENCE, layout.EVIDENCE_SCHEMA, tuple[Evidence, ...]),
        )
    )


def refused(code: str, name: str, what: str) -> ProofError:
    """The error about a capsule that is not to be used."""
    return ProofError(code, f"{name!r} {what}", hint=_HINT)


def _members(data: bytes, name: str) -> dict[str, bytes]:
    try:
        return dict(unpack(data, name=name, limits=LIMITS).files)
    except AvrError as error:
        raise ProofError("capsule.archive", f"{name!r} is no intact capsule: {error.message}", hint=_HINT) from error


def _check_members(members: Mapping[str, bytes], statement: Statement, name: str) -> None:
    for path in sorted(members.keys() | statement.subjects.keys()):
        wanted, found = statement.subjects.get(path), members.get(path)
        if wanted is None or found is None:
            what = "is not among its signed members" if wanted is None else "is missing"
            raise refused("capsule.member", name, f"is not whole: {path!r} {what}")
        digest = hashlib.sha256(found).hexdigest()
        if digest != wanted:
            raise refused("capsule.member", name, f"was changed: {path!r} has SHA-256 {digest}, signed is {wanted}")


def _document(members: Mapping[str, bytes], name: str, path: str, schema: str, of: type[T]) -> T:
    data = members.get(path)
    if data is None:
        raise refused("capsule.member", name, f"has no {path!r}")
    return documents.loads(data, schema, of, f"{name}: {path}")


def _consistent(capsule: Capsule) -> Capsule:
    """Refuse a claim that names no package, files with paths, fixes that are not there, or more than was recorded."""
    claim, name = capsule.claim, capsule.name
    if component_of(claim.component.purl) != claim.component:
        raise refused("capsule.claim", name, f"speaks of {claim.component.purl!r}, which is no pinned package")
    for wheel, data in capsule.wheels.items():
        try:
            unpack(data, name=wheel)
        except AvrError as error:
            raise refused("capsule.archive", name, f"holds no intact wheel: {error.message}") from error
    for each in claim.originals:
        foreign = (each.package, each.version) != (claim.component.name, claim.component.version)
        if foreign or "/" in each.filename or not layout.is_inside(each.filename):
            raise refused(
                "capsule.claim", name, f"names an original {each.filename!r}, which is no file of this release"
            )
    ported = {each.advisory for each in capsule.ported}
    for expected in claim.expected:
        if expected.advisory not in ported or not set(expected.blocked) <= capsule.exploits.keys():
            raise refused("capsule.claim", name, f"claims {expected.advisory} without its fix or its exploit")
        if assurance(capsule.evidence, expected.advisory) != expected.assurance:
            what = f"claims {expected.assurance} for {expected.advisory}, its own evidence bears another level"
            raise refused("capsule.claim", name, what)
    return capsule
