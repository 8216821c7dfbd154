"""Documents `{schema, id, from, item}`: values of `avr.model` as canonical JSON, named by their own digest.

`id` is the SHA-256 digest of the canonical JSON (RFC 8785, https://www.rfc-editor.org/rfc/rfc8785) of `item`, `from`
the ids of the documents it was made from. Bytes travel as base64, times as ISO 8601. JSON knows no lone surrogates,
with which Python writes bytes that are no UTF-8: they travel, and are read, as characters of the last private plane.
"""

import base64
import dataclasses
import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from avr.errors import AvrError, ProofError
from avr.model.identifiers import Digest
from avr.tools.blobs import write_atomically

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")
Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

SIZE_LIMIT = 256 << 20
"""The largest document that is read, in bytes."""

_SURROGATES = {code: code + 0x102000 for code in range(0xD800, 0xE000)}


def canonical(value: object) -> bytes:
    """The canonical JSON of a noun, or of any nesting of mappings, sequences and scalars.

    Raises `AvrError` `document.value` for what JSON cannot hold, such as an infinite number.
    """
    import rfc8785

    try:
        return rfc8785.dumps(to_json(value))
    except rfc8785.CanonicalizationError as error:
        raise AvrError("document.value", f"cannot be written as JSON: {error}", hint="report this as a bug") from error


def digest(item: object) -> Digest:
    """The digest of the canonical JSON of `item`: a document's id, and a key for caches."""
    return Digest(hashlib.sha256(canonical(item)).hexdigest())


def to_json(value: object) -> Json:
    """`value` in JSON's own types: nouns and mappings as objects, sequences as arrays, sets as sorted arrays."""
    match value:
        case Enum():
            return to_json(value.value)
        case None | bool() | int() | float():
            return value
        case str():
            return value if value.isascii() else value.translate(_SURROGATES)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(to_json(key)): to_json(each) for key, each in value.items()}
        case set() | frozenset():
            return sorted((to_json(each) for each in value), key=repr)
        case list() | tuple():
            return [to_json(each) for each in value]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise AvrError("document.value", f"a {type(value).__name__} cannot be written as JSON", hint="report this as a bug")


def dumps(schema: str, item: object, parents: Iterable[str] = ()) -> bytes:
    """A document as bytes; `schema` is its name and version, such as `avr.plan/1`, `parents` the ids it comes from."""
    return _named(schema, item, parents)[1]


def loads(data: bytes, schema: str, of: type[T], name: str = "document") -> T:
    """The item of a document; `name` is used in messages.

    Raises `ProofError` `document.malformed`, `document.schema` or `document.id`.
    """
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _refused("document.malformed", name, f"is no JSON: {error}") from error
    if not isinstance(body, dict) or body.keys() != {"schema", "id", "from", "item"}:
        raise _refused("document.malformed", name, "is no document of the form {schema, id, from, item}")
    if body["schema"] != schema:
        raise _refused("document.schema", name, f"has the schema {body['schema']!r}, not {schema!r}")
    if body["id"] != _digest_of_foreign(body["item"], name):
        raise _refused("document.id", name, "holds another item than its id says")
    return _item(body["item"], of, name)


def write(path: Path, schema: str, item: object, parents: Iterable[str] = ()) -> Digest:
    """Write a document atomically and return its id; raises what `write_atomically` raises."""
    name, data = _named(schema, item, parents)
    write_atomically(path, data)
    return name


def read(path: Path, schema: str, of: type[T]) -> T:
    """The item of the document at `path`, checked against its id and its type.

    Raises `ProofError` `document.*` naming the file, `AvrError` `document.unreadable` where it cannot be read.
    """
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise _refused("document.size", str(path), f"is larger than {SIZE_LIMIT} bytes")
        data = path.read_bytes()
    except OSError as error:
        hint = "check that the file is there and readable"
        raise AvrError("document.unreadable", f"cannot read {str(path)!r}: {error.strerror}", hint=hint) from error
    return loads(data, schema, of, str(path))


def json_schema(schema: str, of: type[Any]) -> dict[str, Any]:
    """The JSON Schema of documents that carry an item of the type `of`."""
    whole = _adapter(cast("Hashable", of)).json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": schema,
        "type": "object",
        "required": ["schema", "id", "from", "item"],
        "additionalProperties": False,
        "properties": {
            "schema": {"const": schema},
            "id": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "from": {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
            "item": whole["prefixItems"][0],
        },
        "$defs": whole.get("$defs", {}),
    }


def _named(schema: str, item: object, parents: Iterable[str]) -> tuple[Digest, bytes]:
    body = to_json(item)
    name = digest(body)
    return name, canonical({"schema": schema, "id": name, "from": list(parents), "item": body})


def _digest_of_foreign(item: Json, name: str) -> Digest:
    try:
        return digest(item)
    except (AvrError, RecursionError) as error:
        raise _refused("document.malformed", name, "holds values that no document of ours holds") from error


def _item(value: Json, of: type[T], name: str) -> T:
    from pydantic import ValidationError

    try:
        item: T = _adapter(cast("Hashable", of)).validate_python((value,))[0]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(each) for each in first["loc"][1:])
        raise _refused("document.malformed", name, f"does not fit its schema at {where!r}: {first['msg']}") from error
    return item


@lru_cache(maxsize=64)
def _adapter(of: Hashable) -> "TypeAdapter[Any]":
    """The validator of a one-tuple of `of`: pydantic takes settings for that, and none for a dataclass by itself."""
    from pydantic import ConfigDict, TypeAdapter

    wrapped: Any = tuple.__class_getitem__((of,))
    return TypeAdapter(wrapped, config=ConfigDict(val_json_bytes="base64", ser_json_bytes="base64"))


def _refused(code: str, name: str, what: str) -> ProofError:
    return ProofError(code, f"{name!r} {what}", hint="the file was damaged, or made by another version of avr")
