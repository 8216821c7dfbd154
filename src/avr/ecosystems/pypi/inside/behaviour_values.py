"""How calls travel between processes: functions by name, values as JSON literals or pickles, outcomes as JSON.

Shared by the recorder and the replayer; runs on Python 2.7 and later. Pickles are only ever read inside a sandbox.
"""

import base64
import hashlib
import pickle
import re
import sys

LARGEST = 8192
"""The largest value that is carried, in bytes."""
DEEPEST = 6
MOST_NODES = 1500
LONGEST = 400
TEXT = type(b"".decode())
BYTES = type(b"")
INTEGERS = (int,) if sys.version_info[0] > 2 else (int, long)  # noqa: F821
ADDRESS = re.compile(r"0x[0-9a-fA-F]{5,}")


class NotCarriedError(Exception):
    """A value or a function that cannot be had in another process."""


def encode(value):
    """A value as JSON: a literal where it is one, else a pickle."""
    try:
        return _literal(value, [200])
    except NotCarriedError:
        pass
    try:
        data = pickle.dumps(value, 2)
    except Exception as error:
        raise NotCarriedError("does not pickle: " + type(error).__name__)
    if len(data) > LARGEST:
        raise NotCarriedError("too large")
    return {"p": base64.b64encode(data).decode("ascii")}


def _literal(value, left):
    left[0] -= 1
    kind = type(value)
    if left[0] < 0:
        raise NotCarriedError("too large")
    if value is None or kind is bool:
        return {"c": value}
    if kind in INTEGERS and kind is not bool:
        return {"i": str(value)}
    if kind is float:
        return {"f": repr(value)}
    if kind in (TEXT, BYTES) and len(value) > LARGEST:
        raise NotCarriedError("too large")
    if kind is TEXT:
        return {"s": value}
    if kind is BYTES:
        return {"b": base64.b64encode(value).decode("ascii")}
    if kind in (list, tuple):
        return {"l" if kind is list else "t": [_literal(each, left) for each in value]}
    if kind is dict:
        return {"d": [[_literal(key, left), _literal(each, left)] for key, each in value.items()]}
    raise NotCarriedError("no literal")


def decode(value):
    """The value of what `encode` gave."""
    ((tag, body),) = value.items()
    if tag == "p":
        return pickle.loads(base64.b64decode(body))
    if tag == "i":
        return int(body)
    if tag == "f":
        return float(body)
    if tag == "b":
        return base64.b64decode(body)
    if tag == "l":
        return [decode(each) for each in body]
    if tag == "t":
        return tuple(decode(each) for each in body)
    if tag == "d":
        return {decode(key): decode(each) for key, each in body}
    return body


def unwrapped(raw, name):
    """The plain function called `name` behind decorators and descriptors, or None."""
    for _ in range(12):
        code = getattr(raw, "__code__", None)
        if code is not None and code.co_name == name and not hasattr(raw, "__self__"):
            return raw
        for attribute in ("__func__", "fget", "__wrapped__", "func"):
            inner = getattr(raw, attribute, None)
            if inner is not None and inner is not raw:
                raw = inner
                break
        else:
            return None
    return None


def find(module, path):
    """The plain function at `path` of attribute names in a module; imports it where needed."""
    __import__(module)
    found = sys.modules[module]
    for name in path[:-1]:
        found = found.__dict__[name]
    name = path[-1]
    raw = found.__dict__.get(name)
    if raw is None:
        raise NotCarriedError("gone")
    function = unwrapped(raw, code_name(path))
    if function is None:
        raise NotCarriedError("gone")
    return function


def code_name(path):
    """The name that the code of the function at `path` has: without the mangling of private methods."""
    name = path[-1]
    if len(path) > 1:
        prefix = "_" + path[-2].lstrip("_") + "__"
        if name.startswith(prefix):
            return "__" + name[len(prefix) :]
    return name


def canonical(value, left=None, depth=0, touch=True):
    """What is seen of a value, as JSON: public attributes of objects, never addresses.

    No method of the value's own class is called but `repr`; without `touch` not even that, and iterators stay unread.
    """
    left = [MOST_NODES] if left is None else left
    left[0] -= 1
    kind = type(value)
    name = type_name(kind)
    if left[0] < 0 or depth > DEEPEST:
        return ["cut", name]
    if value is None or kind in (bool, float) or kind in INTEGERS or issubclass(kind, (TEXT, BYTES)):
        return ["value", name, clipped(repr(value))]
    for base in (list, tuple, set, frozenset):
        if issubclass(kind, base):
            many = [canonical(each, left, depth + 1, touch) for each in first(base.__iter__(value), 300)]
            return ["many", name, many if base in (list, tuple) else sorted(many, key=repr)]
    if issubclass(kind, dict):
        pairs = [(key, dict.__getitem__(value, key)) for key in first(dict.__iter__(value), 300)]
        return [
            "many",
            name,
            sorted(([canonical(each, left, depth + 1, touch) for each in pair] for pair in pairs), key=repr),
        ]
    if issubclass(kind, type) or hasattr(kind, "__code__"):
        return ["named", type_name(value)]
    if issubclass(kind, BaseException):
        return ["value", name, clipped(scrubbed(str(value)))]
    if touch and is_iterator(value):
        return ["many", "iterator", [canonical(each, left, depth + 1) for each in first(value, 300)]]
    return _object(value, name, left, depth, touch)


def _object(value, name, left, depth, touch):
    shown = {}
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except Exception:
        attributes = {}
    for attribute, each in sorted(dict(attributes).items(), key=lambda pair: str(pair[0])):
        if isinstance(attribute, str) and not attribute.startswith("_"):
            shown[attribute] = canonical(each, left, depth + 1, touch)
    own = touch and not shown and type(value).__repr__ is not object.__repr__
    return ["object", name, shown, clipped(scrubbed(repr(value))) if own else ""]


def is_iterator(value):
    """Whether a value is its own iterator."""
    return (hasattr(type(value), "__next__") or hasattr(type(value), "next")) and iter_of(value) is value


def first(items, most):
    """At most so many items of an iterator."""
    found = []
    for each in items:
        found.append(each)
        if len(found) >= most:
            break
    return found


def iter_of(value):
    """The iterator of a value, or None."""
    try:
        return iter(value)
    except Exception:
        return None


def type_name(kind):
    """Module and name of a class or function."""
    return "%s.%s" % (getattr(kind, "__module__", "?"), getattr(kind, "__qualname__", getattr(kind, "__name__", "?")))


def scrubbed(text):
    """Without addresses."""
    return ADDRESS.sub("0x", text)


def clipped(text):
    """Long texts by their beginning and their digest."""
    if len(text) <= LONGEST:
        return text
    data = text.encode("utf-8", "backslashreplace") if isinstance(text, TEXT) else text
    return text[: LONGEST // 2] + "... " + hashlib.sha256(data).hexdigest()
