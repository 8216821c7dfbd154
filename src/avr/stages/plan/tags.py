"""Which release a tag stands for: `v1.2.3`, `release-1.2.3`, `name-1.2.3`, `rel_1_2_3` and their like. Pure."""

import re
from collections.abc import Mapping

from packaging.version import Version

from avr.model.identifiers import CommitId
from avr.stages.plan.finder import version_of

_PREFIX = re.compile(
    r"(?:releases?|rel|version|ver|tags?|v)[-_/.]?(?=\d)|(?:releases?|tags?)[-_/]v?(?=\d)", re.IGNORECASE
)


def versions_of(tags: Mapping[str, CommitId], package: str) -> dict[Version, str]:
    """Tags by the release they stand for; of several spellings the shortest."""
    found: dict[Version, str] = {}
    for tag in sorted(tags, key=lambda tag: (len(tag), tag)):
        version = release_of(tag, package)
        if version is not None:
            found.setdefault(version, tag)
    return found


def release_of(tag: str, package: str) -> Version | None:
    """The release that a tag of `package` stands for, or None."""
    text = tag.lower()
    plain = "[-_.]+".join(re.escape(part) for part in re.split("[-_.]+", package.lower()))
    text = re.sub(rf"^(?:python[-_])?{plain}[-_/@]?(?=[v\d])", "", text)
    text = _PREFIX.sub("", text, count=1) if _PREFIX.match(text) else text
    if not re.match(r"\d", text):
        return None
    return version_of(text) or version_of(text.replace("_", "."))


def tag_of(version: str, tags: Mapping[str, CommitId], package: str) -> str | None:
    """The tag of a release, or None."""
    wanted = version_of(version)
    return versions_of(tags, package).get(wanted) if wanted is not None else None
