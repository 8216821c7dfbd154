"""Reads one record of the OSV schema, https://ossf.github.io/osv-schema/, whoever wrote it.

Strict where a mistake would change what is affected (id, dates, packages, ranges), tolerant elsewhere: a reference or a
severity that makes no sense is left out. Records are untrusted: every text that is kept is printable and bounded.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NoReturn, TypeGuard

from avr.advisories.code_blocks import python_blocks
from avr.errors import AvrError
from avr.model.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    CodeBlock,
    RangeEvent,
    RangeType,
    Reference,
    ReferenceType,
    Score,
)
from avr.model.identifiers import AdvisoryId

SIZE_LIMIT = 16 << 20
"""The largest record that is read, in bytes; the largest in use are below 4 MiB."""

_ID = re.compile(r"[!-~]{1,200}")
_COMMIT = re.compile(r"0|[0-9a-f]{7,64}")
_CWE = re.compile(r"CWE-[0-9]{1,6}")
_EVENT_KEYS = ("introduced", "fixed", "last_affected", "limit")


def parse(record: bytes, source: str) -> Advisory:
    """The advisory of one OSV record; `source` says where it came from.

    Raises `AvrError` `osv.malformed` with the reason when the record cannot be trusted to say what is affected.
    """
    item = _object(_json(record), "record")
    name, details = _id(item.get("id"), "id"), _prose(item.get("details"))
    return Advisory(
        id=name,
        aliases=tuple(dict.fromkeys(_id(each, "alias") for each in _list(item, "aliases"))),
        modified=_time(item.get("modified"), "modified"),
        published=_time(item["published"], "published") if item.get("published") else None,
        withdrawn=_time(item["withdrawn"], "withdrawn") if item.get("withdrawn") else None,
        summary=_prose(item.get("summary")),
        details=details,
        code=tuple(CodeBlock(record=name, text=each) for each in python_blocks(details)),
        affected=tuple(_affected(_object(each, "affected")) for each in _list(item, "affected")),
        references=tuple(_references(item.get("references"))),
        severity=tuple(_severities(item)),
        cwes=tuple(_cwes(item)),
        sources=(source,),
    )


def _refuse(reason: str) -> NoReturn:
    raise AvrError("osv.malformed", f"malformed OSV record: {reason}", hint="report it to the source of the record")


def _json(record: bytes) -> object:
    if len(record) > SIZE_LIMIT:
        _refuse(f"{len(record)} bytes are more than {SIZE_LIMIT}")
    try:
        return json.loads(record)
    except (ValueError, RecursionError) as error:
        _refuse(f"no JSON: {error}")


def _object(value: object, what: str) -> dict[str, object]:
    return value if isinstance(value, dict) else _refuse(f"{what} is no object")


def _list(item: dict[str, object], key: str) -> list[object]:
    value = item.get(key)
    if value is None:
        return []
    return value if isinstance(value, list) else _refuse(f"{key} is no list")


def _text(value: object, what: str) -> str:
    if value is None:
        _refuse(f"{what} is missing")
    if not isinstance(value, str) or not value or len(value) > 1000 or not value.isprintable():
        _refuse(f"{what} is no printable text: {str(value)[:80]!r}")
    return value


def _id(value: object, what: str) -> AdvisoryId:
    text = _text(value, what)
    return AdvisoryId(text) if _ID.fullmatch(text) else _refuse(f"{what} is no identifier: {text!r}")


def _time(value: object, what: str) -> datetime:
    text = _text(value, what)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        _refuse(f"{what} is no time: {text!r}")


def _prose(value: object) -> str:
    """Text for people; lone surrogates, which no file can hold, are replaced."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _affected(item: dict[str, object]) -> AffectedPackage:
    ranges = tuple(_range(_object(each, "range")) for each in _list(item, "ranges"))
    versions = tuple(_text(each, "version") for each in _list(item, "versions"))
    if item.get("package") is None:  # a record of commits alone, as for C projects
        return AffectedPackage(ecosystem="", name="", ranges=ranges, versions=versions)
    package = _object(item["package"], "package")
    return AffectedPackage(
        ecosystem=_text(package.get("ecosystem"), "ecosystem"),
        name=_text(package.get("name"), "package name"),
        ranges=ranges,
        versions=versions,
    )


def _range(item: dict[str, object]) -> AffectedRange:
    try:
        kind = RangeType(_text(item.get("type"), "range type"))
    except ValueError:
        _refuse(f"unknown range type {item.get('type')!r}")
    events = tuple(
        event for each in _list(item, "events") for event in _events(_object(each, "event"), git=kind is RangeType.GIT)
    )
    if not events and kind is not RangeType.GIT:
        _refuse("a range without events")
    repo = item.get("repo")
    return AffectedRange(type=kind, events=events, repo=repo if _is_url(repo) else None)


def _events(item: dict[str, object], *, git: bool) -> Iterator[RangeEvent]:
    """One event a key: some writers put `introduced` and `fixed` into the same object."""
    known = {key: _text(item[key], f"event {key}") for key in _EVENT_KEYS if key in item}
    if not known and not git:
        _refuse(f"an event of none of the kinds {', '.join(_EVENT_KEYS)}")
    for key, value in known.items():
        if not git:
            yield RangeEvent(**{key: value})
        elif _COMMIT.fullmatch(value.strip().lower()):  # writers put tags, URLs and `unfixed` here too
            yield RangeEvent(**{key: value.strip().lower()})


def _references(value: object) -> Iterator[Reference]:
    for each in value if isinstance(value, list) else []:
        url = each.get("url") if isinstance(each, dict) else None
        if _is_url(url):
            yield Reference(type=_reference_type(each.get("type")), url=url)


def _reference_type(value: object) -> ReferenceType:
    return ReferenceType(value) if isinstance(value, str) and value in set(ReferenceType) else ReferenceType.WEB


def _is_url(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(re.fullmatch(r"[a-z][a-z0-9+.-]*://[!-~]{1,2000}", value, re.IGNORECASE))


def _severities(item: dict[str, object]) -> Iterator[Score]:
    affected = [each for each in _list(item, "affected") if isinstance(each, dict)]
    seen: set[Score] = set()
    for holder in (item, *affected):
        scores = holder.get("severity")
        for each in scores if isinstance(scores, list) else []:
            score = _severity(each)
            if score is not None and score not in seen:
                seen.add(score)
                yield score


def _severity(value: object) -> Score | None:
    if not isinstance(value, dict):
        return None
    kind, score = value.get("type"), value.get("score")
    if not isinstance(kind, str) or not isinstance(score, str) or not _ID.fullmatch(kind) or not _ID.fullmatch(score):
        return None
    return Score(type=kind, score=score)


def _cwes(item: dict[str, object]) -> Iterator[str]:
    specific = item.get("database_specific")
    ids = specific.get("cwe_ids") if isinstance(specific, dict) else None
    for each in ids if isinstance(ids, list) else []:
        if isinstance(each, str) and _CWE.fullmatch(each):
            yield each
