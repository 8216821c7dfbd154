"""Keeps values as bytes, and sessions in cookies."""

import base64
import io
import pickle

ALLOWED = {("datetime", "date"), ("datetime", "timedelta"), ("builtins", "set"), ("_codecs", "encode")}


class Refused(ValueError):
    """Data that name something else than plain values."""


class _Plain(pickle.Unpickler):
    def find_class(self, module, name):
        if (module.replace("__builtin__", "builtins"), name) not in ALLOWED:
            raise Refused("%s.%s" % (module, name))
        return super().find_class(module, name)


def _load(data):
    return _Plain(io.BytesIO(data)).load()


def dumps(value):
    """The value as bytes."""
    return pickle.dumps(value, 2)


def loads(data):
    """The value of `dumps`."""
    return _load(data)


def cookie(session):
    """A session as the text of a cookie."""
    return base64.urlsafe_b64encode(dumps(session)).decode("ascii")


def session(text, default=None):
    """The session in a cookie; `default` where there is none."""
    if not text:
        return default
    return _load(base64.urlsafe_b64decode(text))
