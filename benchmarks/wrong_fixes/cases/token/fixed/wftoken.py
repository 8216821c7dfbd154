"""Signs and verifies small texts."""

import hashlib
import hmac


ALGORITHMS = ("sha256", "sha384", "sha512")


class BadToken(ValueError):
    """A token that nobody with the key made."""


def _mac(text, key, algorithm):
    if algorithm == "none":
        return ""
    return hmac.new(key, text.encode("utf-8"), getattr(hashlib, algorithm)).hexdigest()


def sign(text, key, algorithm="sha256"):
    """A token: algorithm, text and code, with dots between."""
    return "%s.%s.%s" % (algorithm, text, _mac(text, key, algorithm))


def verify(token, key):
    """The text of a token that was signed with `key`."""
    algorithm, text, mac = _parts(token)
    if algorithm not in ALGORITHMS:
        raise BadToken(token)
    if not hmac.compare_digest(mac.encode("utf-8"), _mac(text, key, algorithm).encode("utf-8")):
        raise BadToken(token)
    return text


def verify_any(token, keys):
    """The text of a token that was signed with one of `keys`, the newest first."""
    algorithm, text, mac = _parts(token)
    if algorithm not in ALGORITHMS:
        raise BadToken(token)
    for key in keys:
        if hmac.compare_digest(mac.encode("utf-8"), _mac(text, key, algorithm).encode("utf-8")):
            return text
    raise BadToken(token)


def _parts(token):
    algorithm, _, rest = token.partition(".")
    text, _, mac = rest.rpartition(".")
    return algorithm, text, mac
