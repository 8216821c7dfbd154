"""Reads the links of an advisory: which repository, and what in it. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from avr.model.advisory import Advisory, RangeType, ReferenceType
from avr.model.source import SourceTree

_NAME = re.compile(r"[A-Za-z0-9_][\w.-]*")
_HASH = re.compile(r"[0-9a-f]{7,40}")
_HOSTS = re.compile(r"(www\.)?(github\.com|gitlab\.[\w.-]+|bitbucket\.org|codeberg\.org|salsa\.debian\.org)")
_PROJECT_URL = re.compile(r"^(?:Home-page|Project-URL|Download-URL)\s*:.*?(https?://\S+)", re.MULTILINE | re.IGNORECASE)
_NO_PROJECT = {"sponsors", "orgs", "features", "advisories", "settings", "security", "apps", "marketplace"}


class Target(StrEnum):
    """What a link points at inside a repository."""

    COMMIT = "commit"
    PULL = "pull"
    ISSUE = "issue"
    COMPARE = "compare"
    REPOSITORY = "repository"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A reference into a repository: `value` is a hash, a number or `old...new`; `stated_fix` as the advisory says."""

    repository: str
    target: Target
    value: str
    stated_fix: bool


def links_of(advisory: Advisory) -> tuple[tuple[Link, ...], tuple[str, ...]]:
    """All links into repositories, each once, statements of a fix first, and why some were passed over."""
    found: dict[tuple[str, Target, str], Link] = {}
    reasons: list[str] = []
    for link in (*_of_ranges(advisory), *_of_references(advisory)):
        if link.target is Target.COMMIT and not _HASH.fullmatch(link.value):
            reasons.append(f"{link.value!r} is no commit hash")
            continue
        key = (link.repository.lower(), link.target, link.value)
        if key not in found or (link.stated_fix and not found[key].stated_fix):
            found[key] = link
    ordered = sorted(found.values(), key=lambda link: not link.stated_fix)
    return tuple(ordered), tuple(dict.fromkeys(reasons))


def parse(url: str, *, stated_fix: bool = False) -> Link | None:
    """The link that a URL stands for, or None where it leads to no repository."""
    parts = urlsplit(url.strip().removeprefix("git+"))
    if not _HOSTS.fullmatch(parts.netloc.lower()):
        return None
    path = [unquote(part) for part in parts.path.replace("/-/", "/").split("/") if part]
    if len(path) < 2 or path[0].lower() in _NO_PROJECT or not all(_NAME.fullmatch(part) for part in path[:2]):
        return None
    repository = f"https://{parts.netloc.lower().removeprefix('www.')}/{path[0]}/{path[1].removesuffix('.git')}"
    target, value = _target(path[2:])
    return Link(repository=repository, target=target, value=value, stated_fix=stated_fix)


def project_links(tree: SourceTree) -> tuple[Link, ...]:
    """The repositories that an unpacked release names as its home in its metadata."""
    for name in ("PKG-INFO", *(path for path in tree if path.endswith((".dist-info/METADATA", ".egg-info/PKG-INFO")))):
        data = tree.get(name)
        if data is not None:
            found = (parse(url) for url in _PROJECT_URL.findall(data[:65536].decode("utf-8", "replace")))
            return tuple(dict.fromkeys(link for link in found if link is not None))
    return ()


def _target(rest: list[str]) -> tuple[Target, str]:
    match rest:
        case ["commit" | "commits", value, *_]:
            return Target.COMMIT, value.lower().removesuffix(".patch").removesuffix(".diff")
        case ["pull" | "pulls" | "merge_requests", number, "commits", value, *_] if number.isdigit():
            return Target.COMMIT, value.lower()
        case ["pull" | "pulls" | "merge_requests", number, *_] if number.isdigit():
            return Target.PULL, number
        case ["issues", number, *_] if number.isdigit():
            return Target.ISSUE, number
        case ["compare", value, *_] if "..." in value:
            return Target.COMPARE, value
        case _:
            return Target.REPOSITORY, ""


def _of_ranges(advisory: Advisory) -> Iterator[Link]:
    for package in advisory.affected:
        for each in package.ranges:
            repository = parse(each.repo or "")
            if each.type is not RangeType.GIT or repository is None:
                continue
            for event in each.events:
                if event.fixed:
                    yield Link(
                        repository=repository.repository,
                        target=Target.COMMIT,
                        value=event.fixed.lower(),
                        stated_fix=True,
                    )


def _of_references(advisory: Advisory) -> Iterator[Link]:
    for reference in advisory.references:
        try:
            link = parse(reference.url, stated_fix=reference.type is ReferenceType.FIX)
        except ValueError:
            continue
        if link is not None:
            yield link
