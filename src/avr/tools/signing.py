"""Signatures: a local Ed25519 key, and DSSE envelopes around what it signs.

The envelope is DSSE 1.0, https://github.com/secure-systems-lab/dsse, which cosign and in-toto read as well. The
private key never leaves its file but to sign, and is never printed.
"""

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from avr.errors import AvrError, ProofError
from avr.tools.blobs import disk_errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner

IN_TOTO = "application/vnd.in-toto+json"
"""The payload type of in-toto statements, https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md."""

KEY_NAME = "ed25519.pem"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that signs; `public` is its public half as PEM."""

    _signer: "CryptoSigner"
    public: bytes

    def sign(self, statement: bytes, payload_type: str = IN_TOTO) -> bytes:
        """A DSSE envelope around `statement`, as JSON."""
        from securesystemslib.dsse import Envelope

        envelope = Envelope(statement, payload_type, {})
        envelope.sign(self._signer)
        return _written(envelope)

    def __repr__(self) -> str:
        """The key's name; nothing of the private half."""
        return f"SigningKey({self._signer.public_key.keyid[:12]})"


def load_key(home: Path) -> SigningKey:
    """The signing key under `home`/keys, made on first use with rights for its owner alone.

    Raises `AvrError` `signing.key-exposed` where others may read it or its folder is theirs, `signing.key-unusable`
    where it is no Ed25519 key, and what a full or closed disk raises.
    """
    folder = home / "keys"
    path = folder / KEY_NAME
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _check_owner(folder)
        return _key(_read_private(path) if path.exists() or path.is_symlink() else _make(path), path)


def own_public(home: Path) -> bytes | None:
    """The public half of the signing key under `home` as PEM; None where none was made yet. Raises as `load_key`."""
    return load_key(home).public if (home / "keys" / KEY_NAME).exists() else None


def verify(envelope: bytes, public_key: bytes, name: str = "envelope", payload_type: str = IN_TOTO) -> bytes:
    """The payload of a DSSE envelope signed by the holder of `public_key` (PEM); `name` is used in messages.

    Raises `ProofError` `signature.malformed` or `signature.invalid`, `AvrError` `signature.key` for a broken key.
    """
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import FormatError, VerificationError
    from securesystemslib.signer import SSlibKey

    key = SSlibKey.from_crypto(_public(public_key))
    try:
        parsed = Envelope.from_dict(json.loads(envelope))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, FormatError) as error:
        raise ProofError(
            "signature.malformed", f"{name!r} is no DSSE envelope", hint="fetch the folder again from where it came"
        ) from error
    try:
        parsed.verify([key], 1)
    except (VerificationError, ValueError) as error:
        hint = "the file was changed after it was signed, or signed by another key: name the right one with --key"
        raise ProofError("signature.invalid", f"{name!r} is not signed by this key", hint=hint) from error
    if parsed.payload_type != payload_type:
        message = f"{name!r} holds a {parsed.payload_type!r}, not a {payload_type!r}"
        raise ProofError("signature.payload-type", message, hint="fetch the folder again from where it came")
    return parsed.payload


def plain(envelope: bytes) -> bytes:
    """The one form in which `sign` writes an envelope that was verified: JSON and base64 allow many for one meaning."""
    from securesystemslib.dsse import Envelope

    return _written(Envelope.from_dict(json.loads(envelope)))


def _written(envelope: "Envelope") -> bytes:
    return json.dumps(envelope.to_dict(), sort_keys=True, separators=(",", ":")).encode()


def key_id(public_key: bytes) -> str:
    """The id by which envelopes name a public key (PEM): 64 hex digits."""
    from securesystemslib.signer import SSlibKey

    return SSlibKey.from_crypto(_public(public_key)).keyid


def _public(pem: bytes) -> "Ed25519PublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ProofError("signature.key", "the public key is no PEM file", hint="name another with --key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ProofError("signature.key", "the public key is no Ed25519 key", hint="name another with --key")
    return key


def _check_owner(path: Path) -> None:
    found = path.lstat()
    folder = stat.S_ISDIR(found.st_mode)
    if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
        hint = (
            f"run `chmod {'700' if folder else '600'} {path}` if nobody else had access; else delete it for a new key"
        )
        message = f"{str(path)!r} must be a {'folder' if folder else 'file'} that only its owner, you, can open"
        raise AvrError("signing.key-exposed", message, hint=hint)


def _read_private(path: Path) -> bytes:
    _check_owner(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(1 << 16)


def _make(path: Path) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return _read_private(path)
    finally:
        temporary.unlink(missing_ok=True)
    return pem


def _key(pem: bytes, path: Path) -> SigningKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        hint = "restore it from a backup, or delete it: a new key is made then, and old releases keep their own"
        raise AvrError("signing.key-unusable", f"{str(path)!r} is no Ed25519 private key", hint=hint) from None
    return _signing_key(private)


def _signing_key(private: "Ed25519PrivateKey") -> SigningKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from securesystemslib.signer import CryptoSigner

    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(CryptoSigner(private), public)
