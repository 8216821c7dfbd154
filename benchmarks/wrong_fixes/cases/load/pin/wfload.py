"""Keeps values as bytes, and sessions in cookies."""

import base64
import pickle


def dumps(value):
    """The value as bytes."""
    return pickle.dumps(value, 2)


def loads(data):
    """The value of `dumps`."""
    return pickle.loads(data)


def cookie(session):
    """A session as the text of a cookie."""
    return base64.urlsafe_b64encode(dumps(session)).decode("ascii")


def session(text, default=None):
    """The session in a cookie; `default` where there is none."""
    if not text:
        return default
    return pickle.loads(base64.urlsafe_b64decode(text))
