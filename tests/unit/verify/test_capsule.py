"""A capsule is whole, in the one form that avr writes and signed, or it is refused by name."""

import io
import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from avr.errors import ExitCode, ProofError, UsageError
from avr.model.capsule import CapsuleClaim, Expected
from avr.model.identifiers import AdvisoryId, Assurance
from avr.stages.deliver import capsule as writing
from avr.stages.deliver import layout
from avr.stages.deliver.act import contents
from avr.testing import build, deliveries
from avr.testing.tiny import TinyEcosystem
from avr.tools import documents
from avr.tools.archives import unpack
from avr.tools.signing import SigningKey, load_key
from avr.verify.capsule import Capsule, load, read

MEMBERS = [
    layout.CAPSULE_ENVELOPE,
    layout.CAPSULE_CLAIM,
    layout.CAPSULE_FIXES,
    layout.CAPSULE_PATCH,
    layout.EVIDENCE,
    layout.BACKPORT,
    layout.PUBLIC_KEY,
    layout.SECURITY_PATCH,
    f"{layout.SECURITY_TESTS}/tests/test_thing.py",
    "tiny.lock",
    "README.txt",
]


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    """The key of whoever made the capsule."""
    return load_key(tmp_path / "home")


@pytest.fixture
def data(tmp_path: Path, key: SigningKey) -> bytes:
    """A capsule of the tiny package."""
    return _made(tmp_path, key)


def _made(folder: Path, key: SigningKey) -> bytes:
    delivery = deliveries.delivery(TinyEcosystem(folder / "index"))
    made = writing.capsule(delivery, contents(delivery), key)
    assert made is not None
    return made


def _signed(data: bytes, key: SigningKey, changes: Mapping[str, bytes]) -> bytes:
    """The capsule with other members, signed again, as its maker could."""
    members = {**unpack(data).files, **changes}
    members.pop(layout.CAPSULE_ENVELOPE)
    return writing.pack(members, key, {})


def _refusal(data: bytes, key: bytes | None = None) -> ProofError:
    with pytest.raises(ProofError) as caught:
        read(data, "thing.capsule.zip", key)
    assert caught.value.exit_code == ExitCode.PROOF_FAILED
    return caught.value


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, key: SigningKey) -> None:
    """Times and places of this run leave no trace."""
    assert _made(tmp_path / "one", key) == _made(tmp_path / "two", key)


def test_a_capsule_says_what_is_claimed(data: bytes, key: SigningKey) -> None:
    """Originals by name and digest, what turns green, and the members by their roles."""
    found = read(data, "thing.capsule.zip", key.public)
    assert isinstance(found, Capsule)
    assert ["thing-1.0.tar.gz", "thing-1.0-py3-none-any.whl"] == [each.filename for each in found.claim.originals]
    assert [("tests.test_thing::test_refuses_parent",)] == [each.turned_green for each in found.claim.expected]
    assert (["tests/test_thing.py"], b"tiny\n") == (list(found.tests), found.lock)


def test_no_place_of_the_users_gets_into_a_capsule(tmp_path: Path, key: SigningKey) -> None:
    """Neither the folders of this machine nor credentials of an origin."""
    made = _made(tmp_path, key)
    assert (False, False) == (str(tmp_path).encode() in made, b"secret" in made)


def test_nothing_that_ran_gives_no_capsule(tmp_path: Path, key: SigningKey) -> None:
    """Without an environment there is nothing to run again."""
    delivery = deliveries.delivery(TinyEcosystem(tmp_path / "index"))
    bare = replace(delivery, equipment=None)
    assert writing.capsule(bare, contents(bare), key) is None


@pytest.mark.parametrize("member", MEMBERS)
def test_a_flipped_byte_is_named(data: bytes, key: SigningKey, member: str) -> None:
    """In whichever member it is."""
    inside = unpack(data).files[member]
    changed = bytearray(data)
    changed[data.index(inside) + len(inside) // 2] ^= 1
    assert member in _refusal(bytes(changed), key.public).message


@pytest.mark.parametrize("member", MEMBERS)
def test_an_exchanged_member_is_named(data: bytes, key: SigningKey, member: str) -> None:
    """A sound archive with another content is refused by digest or signature."""
    members = dict(unpack(data).files)
    members[member] += b" "
    codes = {"capsule.member", "capsule.form"} if member == layout.CAPSULE_ENVELOPE else {"capsule.member"}
    assert _refusal(writing.archive(members), key.public).code in codes


def test_every_byte_of_the_container_counts(data: bytes, key: SigningKey) -> None:
    """Headers, times and flags too: there is one form only."""
    for at in range(0, len(data), 97):
        changed = bytearray(data)
        changed[at] ^= 1
        _refusal(bytes(changed), key.public)


def test_an_extra_and_a_missing_member_are_named(data: bytes) -> None:
    """The statement lists all members."""
    members = dict(unpack(data).files)
    assert "'evil.py' is not among" in _refusal(writing.archive({**members, "evil.py": b""})).message
    members.pop(layout.BACKPORT)
    assert f"'{layout.BACKPORT}' is missing" in _refusal(writing.archive(members)).message


def test_another_key_is_refused(data: bytes, tmp_path: Path) -> None:
    """Whoever pins a key does not get somebody else's capsule."""
    assert "signature.invalid" == _refusal(data, load_key(tmp_path / "other").public).code


def _zip(write: Callable[[zipfile.ZipFile], None]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        write(archive)
    return buffer.getvalue()


def _link(archive: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("README.txt")
    member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(member, "/etc/passwd")


def _twice(archive: zipfile.ZipFile) -> None:
    for content in ("one", "two"):
        with pytest.warns(UserWarning, match="Duplicate") if content == "two" else io.BytesIO():
            archive.writestr("claim.json", content)


@pytest.mark.parametrize(
    "write",
    [
        lambda archive: archive.writestr("../../outside", b""),
        lambda archive: archive.writestr("/etc/cron.d/evil", b""),
        lambda archive: archive.writestr("bomb", bytes(200 << 20)),
        _link,
        _twice,
    ],
    ids=["parent", "absolute", "bomb", "link", "twice"],
)
def test_a_hostile_archive_is_refused(write: Callable[[zipfile.ZipFile], None]) -> None:
    """Before anything of it is looked at."""
    assert "capsule.archive" == _refusal(_zip(write)).code


def test_a_link_inside_is_refused(data: bytes) -> None:
    """A member that is a link to another one has the right bytes in the wrong form."""

    def write(archive: zipfile.ZipFile) -> None:
        for path, content in unpack(data).files.items():
            archive.writestr(path, content) if path != "README.txt" else None
        member = zipfile.ZipInfo("README.txt")
        member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "claim.json")

    assert "README.txt" in _refusal(_zip(write)).message


def test_compressed_members_are_another_form(data: bytes) -> None:
    """The same members in a compressed archive are not what avr writes."""

    def write(archive: zipfile.ZipFile) -> None:
        for path, content in unpack(data).files.items():
            archive.writestr(path, content)

    assert "capsule.form" == _refusal(_zip(write)).code


@pytest.mark.parametrize("wrong", [b"", b"no archive at all", b"PK\x03\x04"])
def test_something_else_is_refused(wrong: bytes) -> None:
    """A file that is no archive."""
    assert "capsule.archive" == _refusal(wrong).code


def test_no_file_is_a_usage_error(tmp_path: Path) -> None:
    """With a hint what to name."""
    with pytest.raises(UsageError, match="capsule"):
        load(tmp_path / "none.capsule.zip")


def _claiming(data: bytes, key: SigningKey, change: Callable[[CapsuleClaim], CapsuleClaim]) -> ProofError:
    """The refusal of a capsule whose signer claims something else."""
    claim = change(read(data, "thing.capsule.zip").claim)
    return _refusal(_signed(data, key, {layout.CAPSULE_CLAIM: documents.dumps(layout.CAPSULE_SCHEMA, claim)}))


def _first(claim: CapsuleClaim) -> Expected:
    return claim.expected[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda claim: replace(claim, expected=(replace(_first(claim), assurance=Assurance.PROVED_TWICE),)),
        lambda claim: replace(claim, expected=(replace(_first(claim), advisory=AdvisoryId("CVE-1999-0001")),)),
        lambda claim: replace(claim, expected=(replace(_first(claim), blocked=("none.py",)),)),
        lambda claim: replace(claim, originals=(replace(claim.originals[0], filename="../x.tar.gz"),)),
        lambda claim: replace(claim, component=build.component("../thing")),
        lambda claim: replace(claim, component=build.component("thing", "1.0/../../x")),
    ],
    ids=["level", "advisory", "exploit", "original", "name", "version"],
)
def test_a_signed_lie_is_refused(data: bytes, key: SigningKey, change: Callable[[CapsuleClaim], CapsuleClaim]) -> None:
    """A signature does not make a claim follow from its evidence, nor a path a name."""
    assert "capsule.claim" == _claiming(data, key, change).code


def test_an_exploit_of_another_package_is_refused(data: bytes, key: SigningKey) -> None:
    """Its facts are read, and it is about something else."""
    program = b'ID = "CVE-2099-0001"\nPACKAGE = "other"\nCWE = ("CWE-1",)\nSIGNAL = "read"\n'
    program += b'REFERENCES = ("https://example.invalid/",)\nSHOWN = ("1", "2")\n'
    forged = _signed(data, key, {"exploits/cve-2099-0001_other.py": program, "exploits/contract.py": b""})
    assert "capsule.exploit" == _refusal(forged).code
