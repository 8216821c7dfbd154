"""Signing: a key for its owner alone, envelopes that notice every change."""

import base64
import json
from pathlib import Path

import pytest

from avr.errors import AvrError, ProofError
from avr.tools import signing

_STATEMENT = b'{"_type":"https://in-toto.io/Statement/v1"}'


def _flip(envelope: bytes) -> bytes:
    body = json.loads(envelope)
    body["payload"] = base64.b64encode(_STATEMENT.replace(b"v1", b"v2")).decode()
    return json.dumps(body).encode()


def test_what_was_signed_is_what_verifies(tmp_path: Path) -> None:
    """The payload comes back from an envelope by the key's public half."""
    key = signing.load_key(tmp_path)
    assert signing.verify(key.sign(_STATEMENT), key.public) == _STATEMENT


def test_the_key_is_made_once(tmp_path: Path) -> None:
    """The second load reads the first one's key."""
    assert signing.load_key(tmp_path).public == signing.load_key(tmp_path).public


def test_only_the_owner_can_open_the_key(tmp_path: Path) -> None:
    """The folder has the mode 0700 and the file 0600; nothing else is left beside it."""
    signing.load_key(tmp_path)
    folder = tmp_path / "keys"
    assert [each.name for each in folder.iterdir()] == [signing.KEY_NAME]
    assert [oct(each.stat().st_mode & 0o777) for each in (folder, folder / signing.KEY_NAME)] == ["0o700", "0o600"]


@pytest.mark.parametrize(("path", "mode"), [("keys", 0o755), (f"keys/{signing.KEY_NAME}", 0o640)])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, path: str, mode: int) -> None:
    """A key that leaked may not sign."""
    signing.load_key(tmp_path)
    (tmp_path / path).chmod(mode)
    with pytest.raises(AvrError) as caught:
        signing.load_key(tmp_path)
    assert caught.value.code == "signing.key-exposed"


def test_a_linked_key_is_refused(tmp_path: Path) -> None:
    """The key must be the file itself."""
    signing.load_key(tmp_path)
    path = tmp_path / "keys" / signing.KEY_NAME
    path.rename(tmp_path / "elsewhere.pem")
    path.symlink_to(tmp_path / "elsewhere.pem")
    with pytest.raises(AvrError) as caught:
        signing.load_key(tmp_path)
    assert caught.value.code == "signing.key-exposed"


def test_a_damaged_key_is_refused_without_showing_it(tmp_path: Path) -> None:
    """The message names the file, never its content."""
    signing.load_key(tmp_path)
    (tmp_path / "keys" / signing.KEY_NAME).write_bytes(b"SECRET")
    with pytest.raises(AvrError) as caught:
        signing.load_key(tmp_path)
    assert caught.value.code == "signing.key-unusable"
    assert "SECRET" not in str(caught.value)


def test_the_key_never_shows_its_private_half(tmp_path: Path) -> None:
    """Neither `repr` nor `str` holds key material."""
    key = signing.load_key(tmp_path)
    assert repr(key) == str(key) == f"SigningKey({signing.key_id(key.public)[:12]})"


def test_a_changed_payload_is_noticed(tmp_path: Path) -> None:
    """The signature covers the payload."""
    key = signing.load_key(tmp_path)
    with pytest.raises(ProofError, match=r"x\.dsse\.json") as caught:
        signing.verify(_flip(key.sign(_STATEMENT)), key.public, "x.dsse.json")
    assert caught.value.code == "signature.invalid"


def test_another_key_does_not_verify(tmp_path: Path) -> None:
    """An envelope is bound to the key that signed it."""
    ours, theirs = signing.load_key(tmp_path / "a"), signing.load_key(tmp_path / "b")
    with pytest.raises(ProofError) as caught:
        signing.verify(ours.sign(_STATEMENT), theirs.public)
    assert caught.value.code == "signature.invalid"


def test_the_payload_type_is_part_of_what_is_checked(tmp_path: Path) -> None:
    """A signature made for another purpose does not count."""
    key = signing.load_key(tmp_path)
    with pytest.raises(ProofError) as caught:
        signing.verify(key.sign(_STATEMENT, "text/plain"), key.public)
    assert caught.value.code == "signature.payload-type"


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"payload":1,"payloadType":2,"signatures":3}', b"[" * 100_000])
def test_what_is_no_envelope_is_refused(tmp_path: Path, data: bytes) -> None:
    """Hostile files end in one clear error."""
    key = signing.load_key(tmp_path)
    with pytest.raises(ProofError) as caught:
        signing.verify(data, key.public)
    assert caught.value.code == "signature.malformed"


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_broken_public_key_is_refused(tmp_path: Path, pem: bytes) -> None:
    """The key to verify with may be hostile, too."""
    with pytest.raises(ProofError) as caught:
        signing.verify(signing.load_key(tmp_path).sign(_STATEMENT), pem)
    assert caught.value.code == "signature.key"
