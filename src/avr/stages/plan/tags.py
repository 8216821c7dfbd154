"""Which release a tag stands for: `v1.2.3`, `release-1.2.3`, `name-1.2.3`, `rel_1_2_3` and their like. Pure."""

import re
from collections.abc import Mapping

from avr.ecosystems.schemes import Scheme, Version
from avr.model.identifiers import CommitId

_PREFIX = re.compile(
    r"(?:releases?|rel|version|ver|tags?|v)[-_/.]?(?=\d)|(?:releases?|tags?)[-_/]v?(?=\d)", re.IGNORECASE
)


def versions_of(tags: Mapping[str, CommitId], package: str, scheme: Scheme) -> dict[Version, str]:
    """Tags by the release they stand for; of several spellings the shortest."""
    found: dict[Version, str] = {}
    for tag in sorted(tags, key=lambda tag: (len(tag), tag)):
        version = release_of(tag, package, scheme)
        if version is not None:
            found.setdefault(version, tag)
    return found


def release_of(tag: str, package: str, scheme: Scheme) -> Version | None:
    """The release that a tag of `package` stands for, or None."""
    text = tag.lower()
    plain = "[-_.]+".join(re.escape(part) for part in re.split("[-_.]+", package.lower()))
    text = re.sub(rf"^(?:python[-_])?{plain}[-_/@]?(?=[v\d])", "", text)
    text = _PREFIX.sub("", text, count=1) if _PREFIX.match(text) else text
    if not re.match(r"\d", text):
        return None
    return scheme.parse(text) or scheme.parse(text.replace("_", "."))


def tag_of(version: str, tags: Mapping[str, CommitId], package: str, scheme: Scheme) -> str | None:
    """The tag of a release, or None."""
    wanted = scheme.parse(version)
    return versions_of(tags, package, scheme).get(wanted) if wanted is not None else None
