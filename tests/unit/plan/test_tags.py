"""Tags and the releases they stand for."""

import pytest
from packaging.version import Version

from avr.ecosystems import schemes
from avr.model.identifiers import CommitId
from avr.stages.plan.tags import release_of, tag_of

PEP440 = schemes.of("PyPI")


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3"),
        ("release-1.2.3", "1.2.3"),
        ("releases/v1.2.3", "1.2.3"),
        ("my-pkg-1.2.3", "1.2.3"),
        ("my_pkg-v1.2.3", "1.2.3"),
        ("rel_1_2_3", "1.2.3"),
        ("python-my-pkg-1.2", "1.2"),
        ("v1.2rc1", "1.2rc1"),
        ("2023.07.22", "2023.7.22"),
    ],
)
def test_a_tag_stands_for_a_release(tag: str, version: str) -> None:
    """The usual spellings are understood."""
    assert release_of(tag, "my-pkg", PEP440) == Version(version)


@pytest.mark.parametrize("tag", ["latest", "stable", "other-1.2.3", "nightly/2020-01", ""])
def test_other_tags_stand_for_none(tag: str) -> None:
    """Tags that name no release of the package are ignored."""
    assert release_of(tag, "my-pkg", PEP440) is None


def test_versions_are_compared_as_versions() -> None:
    """The tag `1.2` is that of the release 1.2.0."""
    assert tag_of("1.2.0", {"v1.2": CommitId("a" * 40)}, "my-pkg", PEP440) == "v1.2"
