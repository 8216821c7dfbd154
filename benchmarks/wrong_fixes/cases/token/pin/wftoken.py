"""Signs and verifies small texts."""

import hashlib
import hmac


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
    if mac != _mac(text, key, algorithm):
        raise BadToken(token)
    return text


def verify_any(token, keys):
    """The text of a token that was signed with one of `keys`, the newest first."""
    algorithm, text, mac = _parts(token)
    for key in keys:
        if mac == _mac(text, key, algorithm):
            return text
    raise BadToken(token)


def _parts(token):
    algorithm, _, rest = token.partition(".")
    text, _, mac = rest.rpartition(".")
    return algorithm, text, mac
