"""Links of advisories into repositories."""

from datetime import UTC, datetime

import pytest

from avr.model.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    RangeEvent,
    RangeType,
    Reference,
    ReferenceType,
)
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.stages.plan.links import Link, Target, links_of, parse, project_links

_REPO = "https://github.com/owner/name"


@pytest.mark.parametrize(
    ("url", "target", "value"),
    [
        (f"{_REPO}/commit/ABCDEF1234", Target.COMMIT, "abcdef1234"),
        (f"{_REPO}/commit/abcdef1234.patch", Target.COMMIT, "abcdef1234"),
        (f"{_REPO}/pull/7/commits/abcdef1234", Target.COMMIT, "abcdef1234"),
        (f"{_REPO}/pull/7/files", Target.PULL, "7"),
        (f"{_REPO}/issues/12#issuecomment-1", Target.ISSUE, "12"),
        (f"{_REPO}/compare/v1.0...v1.1", Target.COMPARE, "v1.0...v1.1"),
        (f"{_REPO}/security/advisories/GHSA-aaaa-bbbb-cccc", Target.REPOSITORY, ""),
        (f"{_REPO}.git", Target.REPOSITORY, ""),
    ],
)
def test_a_url_tells_repository_and_target(url: str, target: Target, value: str) -> None:
    """Commits, pull requests, issues and comparisons are told apart."""
    assert parse(url) == Link(repository=_REPO, target=target, value=value, stated_fix=False)


@pytest.mark.parametrize(
    "url",
    ["https://example.invalid/a/b/commit/abc", "https://github.com/advisories/GHSA-1", "ttps://x", "https://[", ""],
)
def test_other_urls_lead_nowhere(url: str) -> None:
    """Hosts that are no forges and pages that are no repositories give no link."""
    try:
        found = parse(url)
    except ValueError:
        found = None
    assert found is None


def _advisory(*references: Reference, fixed: str = "") -> Advisory:
    events = (RangeEvent(introduced="0"), *((RangeEvent(fixed=fixed),) if fixed else ()))
    ranges = (AffectedRange(type=RangeType.GIT, repo=_REPO, events=events),)
    return Advisory(
        id=AdvisoryId("CVE-2000-1"),
        modified=datetime(2000, 1, 1, tzinfo=UTC),
        affected=(AffectedPackage(ecosystem="PyPI", name="name", ranges=ranges),),
        references=references,
    )


def test_stated_fixes_come_first_and_each_link_once() -> None:
    """The same commit from a range, a FIX and a WEB reference is one stated link."""
    digest = "a" * 40
    found, reasons = links_of(
        _advisory(
            Reference(type=ReferenceType.WEB, url=f"{_REPO}/pull/7"),
            Reference(type=ReferenceType.WEB, url=f"{_REPO}/commit/{digest}"),
            fixed=digest,
        )
    )
    assert [(link.target, link.value, link.stated_fix) for link in found] == [
        (Target.COMMIT, digest, True),
        (Target.PULL, "7", False),
    ]
    assert reasons == ()


def test_a_malformed_hash_is_passed_over_with_a_reason() -> None:
    """Advisories carry broken hashes; they are told, not tried."""
    found, reasons = links_of(_advisory(fixed="not-a-hash"))
    assert found == ()
    assert reasons == ("'not-a-hash' is no commit hash",)


def test_a_broken_url_does_no_harm() -> None:
    """What no parser accepts is skipped."""
    found, _ = links_of(_advisory(Reference(type=ReferenceType.WEB, url="https://[::1/commit/a")))
    assert found == ()


def test_the_release_names_its_home() -> None:
    """Project URLs of the metadata lead to the repository when the advisory has no link."""
    tree = SourceTree(files={"PKG-INFO": b"Name: x\nHome-page: https://github.com/owner/name/\n"})
    assert [link.repository for link in project_links(tree)] == [_REPO]
