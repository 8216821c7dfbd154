"""A checked range is told to others as an OSV record and as OpenVEX."""

import json
from datetime import UTC, datetime

import pytest

from avr.model.affected import RangeCheck, Shown, TestedRelease
from avr.model.evidence import Evidence, Verdict
from avr.model.identifiers import EcosystemName, Gate
from avr.stages.deliver.ranges import corrected_record, events, not_affected
from avr.testing import build

NOW = datetime(2099, 1, 2, tzinfo=UTC)


def _release(version: str, *, claimed: bool, shown: Shown) -> TestedRelease:
    facts: dict[str, str | int | float | bool | list[str]] = {"exploit": "cve-2099-0001_thing.py", "digest": "ab12"}
    evidence = Evidence(gate=Gate.EXPLOIT, advisory=build.CVE, verdict=Verdict.PASSED, summary="", facts=facts, logs={})
    return TestedRelease(version=version, claimed=claimed, shown=shown, why="", evidence=(evidence,))


def _check(*releases: TestedRelease, versions: str) -> RangeCheck:
    return RangeCheck(
        ecosystem=EcosystemName.PYPI,
        package="thing",
        advisory=build.advisory(),
        exploits=("cve-2099-0001_thing.py",),
        releases=releases,
        versions=tuple(versions.split()),
    )


CHECK = _check(
    _release("1.0", claimed=True, shown=Shown.UNAFFECTED),
    _release("1.1", claimed=True, shown=Shown.AFFECTED),
    _release("1.2", claimed=True, shown=Shown.UNDECIDED),
    _release("1.3", claimed=False, shown=Shown.AFFECTED),
    _release("2.0", claimed=False, shown=Shown.UNAFFECTED),
    versions="0.9 1.0 1.1 1.2 1.3 2.0 2.1",
)


def test_events_hold_what_is_to_be_believed() -> None:
    """Shown releases as shown, undecided ones as claimed, untested ones unaffected."""
    assert events(CHECK) == ({"introduced": "1.1"}, {"fixed": "2.0"})


@pytest.mark.parametrize(
    ("affected", "expected"),
    [
        ("1.0", ({"introduced": "0"}, {"fixed": "1.1"})),
        ("1.0 1.2", ({"introduced": "0"}, {"fixed": "1.1"}, {"introduced": "1.2"})),
        ("", ()),
    ],
)
def test_ranges_may_begin_at_the_first_and_never_end(affected: str, expected: tuple[dict[str, str], ...]) -> None:
    """A range from the first release begins at 0; one that reaches the last release has no end."""
    releases = [_release(each, claimed=False, shown=Shown.AFFECTED) for each in affected.split()]
    assert events(_check(*releases, versions="1.0 1.1 1.2")) == expected


def test_the_record_is_complete_and_tells_how_it_was_made() -> None:
    """The required fields of the schema, the versions, and what was run."""
    record = json.loads(corrected_record(CHECK, NOW))
    assert (record["id"], record["modified"]) == (build.CVE, "2099-01-02T00:00:00Z")
    (affected,) = record["affected"]
    assert affected["package"] == {"ecosystem": "PyPI", "name": "thing"}
    assert affected["versions"] == ["1.1", "1.2", "1.3"]
    assert affected["database_specific"]["tested"]["1.2"] == "undecided"


def test_vex_clears_only_what_was_shown_and_claimed() -> None:
    """2.0 was never claimed; 1.2 was not decided."""
    document = not_affected(CHECK, NOW, "1.0")
    assert document is not None
    (statement,) = json.loads(document)["statements"]
    assert statement["products"][0]["@id"] == "pkg:pypi/thing@1.0"
    assert statement["status"] == "not_affected"
    assert "cve-2099-0001_thing.py (sha256 ab12)" in statement["impact_statement"]


def test_where_nothing_is_cleared_there_is_no_vex() -> None:
    """A release that is affected although nobody claims it clears nothing."""
    check = _check(_release("1.3", claimed=False, shown=Shown.AFFECTED), versions="1.3")
    assert not_affected(check, NOW, "1.0") is None
