"""OSV records: strict on what is affected, tolerant elsewhere, hostile input refused."""

import json
from datetime import UTC, datetime

import pytest

from avr.advisories import osv
from avr.errors import AvrError
from avr.model.advisory import Advisory, RangeEvent, RangeType, Reference, ReferenceType, Score

RECORD: dict[str, object] = {
    "id": "TEST-1",
    "modified": "2024-01-02T03:04:05.678Z",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "sample"}, "versions": ["1.0"]}],
}


def parsed(**changes: object) -> Advisory:
    """The advisory of the record above with changes."""
    return osv.parse(json.dumps(RECORD | changes).encode(), "test")


def ranges(*events: dict[str, str], kind: str = "ECOSYSTEM") -> list[dict[str, object]]:
    """The `affected` of one package with one range."""
    package = {"ecosystem": "PyPI", "name": "sample"}
    return [{"package": package, "ranges": [{"type": kind, "repo": "https://example.invalid/r", "events": [*events]}]}]


def test_a_record_becomes_an_advisory() -> None:
    """Ids, times in UTC, packages and the source are kept."""
    advisory = parsed(aliases=["CVE-2024-1"], severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}])
    assert advisory.ids == ("TEST-1", "CVE-2024-1")
    assert advisory.modified == datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert (advisory.affected[0].versions, advisory.sources) == (("1.0",), ("test",))
    assert advisory.severity == (Score(type="CVSS_V3", score="CVSS:3.1/AV:N"),)


def test_an_event_with_two_keys_is_two_events() -> None:
    """Some writers put both ends of a range into one object."""
    advisory = parsed(affected=ranges({"introduced": "0", "fixed": "1.1"}))
    assert advisory.affected[0].ranges[0].events == (RangeEvent(introduced="0"), RangeEvent(fixed="1.1"))


def test_malformed_commits_are_left_out() -> None:
    """Tags, URLs and words where a commit id should be say nothing; capitals are lowered."""
    events = [{"introduced": "0"}, {"fixed": "v1.1"}, {"fixed": "ABCDEF0"}, {"fixed": "https://example.invalid/c/1"}]
    (affected,) = parsed(affected=ranges(*events, kind="GIT")).affected[0].ranges
    assert (affected.type, affected.events) == (
        RangeType.GIT,
        (RangeEvent(introduced="0"), RangeEvent(fixed="abcdef0")),
    )


def test_references_that_make_no_sense_are_left_out() -> None:
    """Unknown types become WEB; what is no URL, or holds control characters, goes."""
    links = [
        {"type": "NEW", "url": "https://example.invalid/a"},
        {"type": "FIX", "url": "not a url"},
        {"type": "FIX", "url": "https://example.invalid/\x1b[31m"},
        {"type": "FIX"},
        7,
    ]
    assert parsed(references=links).references == (Reference(type=ReferenceType.WEB, url="https://example.invalid/a"),)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "TEST 1"},
        {"id": "TEST\x1b[2J"},
        {"id": 7},
        {"modified": None},
        {"modified": "yesterday"},
        {"withdrawn": "soon"},
        {"aliases": "CVE-2024-1"},
        {"aliases": [1]},
        {"affected": {}},
        {"affected": [[]]},
        {"affected": [{"package": {"ecosystem": "PyPI"}}]},
        {"affected": [{"package": {"ecosystem": "PyPI", "name": "\ud800"}}]},
        {"affected": ranges({"introduced": "0"}, kind="COLOUR")},
        {"affected": ranges({"broken": "0"})},
        {"affected": ranges()},
        {"affected": ranges({"introduced": "\x1b[2J"})},
    ],
)
def test_a_record_that_may_mislead_is_refused(changes: dict[str, object]) -> None:
    """The error says what is wrong with it."""
    with pytest.raises(AvrError) as raised:
        parsed(**changes)
    assert raised.value.code == "osv.malformed"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xff", b"[" * 200_000, b" " * (osv.SIZE_LIMIT + 1)])
def test_what_is_no_record_is_refused(body: bytes) -> None:
    """Broken JSON, other JSON, deep nesting and huge files."""
    with pytest.raises(AvrError) as raised:
        osv.parse(body, "test")
    assert raised.value.code == "osv.malformed"
