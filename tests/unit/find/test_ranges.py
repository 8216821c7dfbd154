"""OSV's evaluation rule with the order of PEP 440."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from avr.ecosystems import schemes
from avr.model.advisory import AffectedRange, RangeEvent, RangeType
from avr.stages.find.ranges import containing

PEP440 = schemes.of("PyPI")


def of(*events: str, kind: RangeType = RangeType.ECOSYSTEM) -> AffectedRange:
    """A range written as `introduced=0 fixed=1.1`."""
    pairs = [each.split("=", 1) for each in events]
    return AffectedRange(type=kind, events=tuple(RangeEvent(**{key: value}) for key, value in pairs))


def holds(version: str, *events: str) -> str | None:
    """The interval as text, or None."""
    interval = containing(version, of(*events), PEP440)
    return None if interval is None else str(interval)


@pytest.mark.parametrize(
    ("version", "events", "expected"),
    [
        ("2.11.2", ("introduced=0", "fixed=2.11.3"), "<2.11.3"),
        ("2.11.3", ("introduced=0", "fixed=2.11.3"), None),
        ("2.11.3rc1", ("introduced=0", "fixed=2.11.3"), "<2.11.3"),
        ("2.9", ("introduced=0", "fixed=2.11.3"), "<2.11.3"),
        ("0.dev0", ("introduced=0", "fixed=1"), "<1"),
        ("0.9", ("introduced=1.0", "fixed=2.0"), None),
        ("1.0.post1", ("introduced=1.0", "fixed=2.0"), ">=1.0, <2.0"),
        ("1.5", ("introduced=1.0", "last_affected=1.5"), ">=1.0, <=1.5"),
        ("1.5.1", ("introduced=1.0", "last_affected=1.5"), None),
        ("9", ("introduced=1.0",), ">=1.0"),
        ("9", ("introduced=0",), "every version"),
        ("1.5", ("introduced=0", "fixed=1.2", "introduced=1.4", "fixed=1.6"), ">=1.4, <1.6"),
        ("1.3", ("introduced=0", "fixed=1.2", "introduced=1.4", "fixed=1.6"), None),
        ("1.3", ("fixed=1.6", "introduced=1.4", "fixed=1.2", "introduced=0"), None),
        ("1.5", ("introduced=0", "limit=1.4"), None),
        ("1.3", ("introduced=0", "limit=1.4"), "every version"),
        ("1.5", ("introduced=0", "limit=1.4", "limit=1.6"), "every version"),
        ("1!1.0", ("introduced=0", "fixed=2.0"), None),
        ("2.11.2+avr.1", ("introduced=0", "fixed=2.11.3"), "<2.11.3"),
        ("2.11.2+avr.1", ("introduced=0", "last_affected=2.11.2"), "<=2.11.2"),
        ("2.11.3+avr.1", ("introduced=0", "fixed=2.11.3"), None),
        ("1.0+b", ("introduced=0", "fixed=1.0+b"), None),
        ("1.0+a", ("introduced=0", "fixed=1.0+b"), "<1.0+b"),
        ("1.0", ("introduced=0", "fixed=2019-09-12"), "every version"),
        ("1.0", ("introduced=legacy-1", "fixed=2.0"), ">=legacy-1, <2.0"),
    ],
)
def test_a_version_lies_in_the_stretch_that_the_rule_gives(
    version: str, events: tuple[str, ...], expected: str | None
) -> None:
    """Pre-releases, post-releases, epochs, local versions, limits and bounds that are no versions."""
    assert holds(version, *events) == expected


def test_ranges_of_commits_hold_no_versions() -> None:
    """A GIT range is about commits."""
    assert containing("1.0", of("introduced=0", kind=RangeType.GIT), PEP440) is None


VERSIONS = st.lists(st.integers(0, 4), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
EVENTS = st.lists(st.tuples(st.sampled_from(["introduced", "fixed", "last_affected"]), VERSIONS), max_size=6)


@given(version=VERSIONS, events=EVENTS)
def test_it_agrees_with_the_schema_s_own_pseudocode(version: str, events: list[tuple[str, str]]) -> None:
    """The published rule, written down word for word, gives the same answer."""
    exact, vulnerable = Version(version), False
    first = ("introduced", "0")  # the one bound that stands before every version
    for kind, bound in sorted(events, key=lambda each: Version("0.dev0") if each == first else Version(each[1])):
        if kind == "introduced" and (bound == "0" or exact >= Version(bound)):
            vulnerable = True
        if kind == "fixed" and exact >= Version(bound):
            vulnerable = False
        if kind == "last_affected" and exact > Version(bound):
            vulnerable = False
    assert (holds(version, *(f"{kind}={bound}" for kind, bound in events)) is not None) == vulnerable


@pytest.mark.parametrize(
    ("version", "events", "expected"),
    [
        ("4.17.15", ("introduced=0", "fixed=4.17.19"), "<4.17.19"),
        ("4.17.19-rc.1", ("introduced=0", "fixed=4.17.19"), "<4.17.19"),
        ("4.17.19", ("introduced=0", "fixed=4.17.19"), None),
        ("4.9.0", ("introduced=0", "fixed=4.17.19"), "<4.17.19"),
        ("4.17.19-avr.1", ("introduced=0", "fixed=4.17.19"), None),
        ("4.17.15-avr.1", ("introduced=4.17.15", "fixed=4.17.19"), ">=4.17.15, <4.17.19"),
        ("4.0.0-beta.2", ("introduced=4.0.0-beta.10", "fixed=4.0.0"), None),
        ("4.0.0-beta.11", ("introduced=4.0.0-beta.10", "fixed=4.0.0"), ">=4.0.0-beta.10, <4.0.0"),
        ("13.5.0", ("introduced=13.0", "fixed=14.0.0"), ">=13.0, <14.0.0"),
        ("12.5.0", ("introduced=0", "last_affected=12.5.0"), "<=12.5.0"),
    ],
)
def test_versions_of_npm_are_ordered_by_precedence(version: str, events: tuple[str, ...], expected: str | None) -> None:
    """Prereleases come before their release, ours counts as the release that it patches."""
    interval = containing(version, of(*events, kind=RangeType.SEMVER), schemes.of("npm"))
    assert (None if interval is None else str(interval)) == expected
