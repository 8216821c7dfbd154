"""Finds the patch that Debian ships for a vulnerability, often made for an older version than upstream's fix."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from pathlib import Path

from avr.ecosystems.schemes import Version
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.fix import FileChange, Fix, FixRoute
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree
from avr.stages.plan.changeset import fixes_code
from avr.stages.plan.finder import Context, Found
from avr.stages.plan.kinds import classify
from avr.stages.plan.quilt import Patch, applied, series
from avr.tools.apt import Apt
from avr.tools.archives import Limits, unpack

_LIMITS = Limits(total=512 << 20, member=64 << 20, members=50_000)
_CONFIDENCE = 0.8
_SAME_LINE = 0.88


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    """A Debian source package: what upstream released and the patches on top."""

    name: str
    version: str
    tree: SourceTree
    patches: tuple[Patch, ...]


def find(context: Context, apt: Apt | None) -> Found:
    """The patches that Debian's source package names after the advisory, as one fix."""
    ids = [each.lower() for each in context.finding.advisory.ids if each.startswith("CVE-")]
    if apt is None or not ids:
        return Found(reasons=() if ids else ("the advisory has no CVE id, by which Debian names its patches",))
    found = apt.source(_names(context.pin.component))
    if found is None:
        return Found(reasons=("Debian has no source package of it",))
    name, version, files = found
    package = _unpacked(name, version, files, context)
    if package is None:
        return Found(reasons=(f"Debian's source package {name} {version} has no series of patches",))
    own = [patch for patch in package.patches if _names_one(patch, ids)]
    if not own:
        return Found(reasons=(f"Debian's {name} {version} has no patch for {ids[0].upper()}",))
    changes = _changes(package, own, context)
    if changes is None or not fixes_code(changes):
        return Found(reasons=(f"Debian's patch {own[0].name!r} of {name} {version} does not apply or changes no code",))
    return Found(fixes=(_fix(changes, own, package, context),))


def _names(component: Component) -> Iterator[str]:
    """What Debian may call the source package, likeliest first; a name of npm's alone may be anything else's."""
    plain = re.sub(r"[-_.]+", "-", component.slug.lower().replace("+", "-"))
    if component.ecosystem is EcosystemName.NPM:
        yield f"node-{plain}"
        return
    bare = plain.removeprefix("python-")
    yield from dict.fromkeys(
        (f"python-{bare}", plain, bare, bare.removesuffix("-py"), f"python-{bare.replace('-', '')}")
    )


def _unpacked(name: str, version: str, files: Sequence[Path], context: Context) -> _Package | None:
    packaging = [path for path in files if re.search(r"\.debian\.tar\.(gz|xz|bz2)$", path.name)]
    if len(packaging) != 1:
        return None
    patches = series(unpack(packaging[0], limits=_LIMITS))
    return (
        _Package(name=name, version=version, tree=_base(version, files, context), patches=patches) if patches else None
    )


def _base(version: str, files: Sequence[Path], context: Context) -> SourceTree:
    """What the patches were made for: Debian's original archive, the index's same release, or else the pin itself."""
    origin = [path for path in files if re.search(r"\.orig\.tar\.(gz|xz|bz2)$", path.name)]
    if len(origin) == 1:
        return unpack(origin[0], limits=_LIMITS, strip_top=True)
    wanted = _upstream(version, context)
    same = [text for text in context.versions if wanted is not None and context.scheme.parse(text) == wanted]
    try:
        return context.tree_of(same[0]) if same else context.pin.tree
    except AvrError:  # no source on the index either: patches that fit the pin line by line serve as well
        return context.pin.tree


def _upstream(version: str, context: Context) -> Version | None:
    """The upstream release inside a Debian version: `3:3.2.25-0+deb12u3` holds 3.2.25."""
    return context.scheme.parse(re.sub(r"^\d+:|[-+~].*$", "", version))


def _names_one(patch: Patch, ids: Sequence[str]) -> bool:
    said = f"{patch.name}\n{patch.text}".lower()
    return any(re.search(rf"{re.escape(each)}(?!\d)", said) for each in ids)


def _changes(package: _Package, own: Sequence[Patch], context: Context) -> tuple[FileChange, ...] | None:
    """The files before the first and after the last of the wanted patches, what lies between left out if it may be."""
    tree: SourceTree | None = package.tree
    before: SourceTree | None = None
    for patch in package.patches:
        if patch in own:
            before = before or tree
            tree = applied(tree, patch) if tree is not None else None
            if tree is None:
                return None
        elif before is None and tree is not None:
            tree = applied(tree, patch) or tree
        if patch == own[-1]:
            break
    assert before is not None, "a wanted patch is one of the series"
    assert tree is not None, "the loop leaves early without a tree"
    paths = [path for path in sorted({*before, *tree}) if before.get(path) != tree.get(path)]
    return tuple(
        FileChange(
            path_before=path if path in before else None,
            path_after=path if path in tree else None,
            before=before.get(path),
            after=tree.get(path),
            kind=classify(path, context.packages),
        )
        for path in paths
    )


def _fix(changes: tuple[FileChange, ...], own: Sequence[Patch], package: _Package, context: Context) -> Fix:
    header = own[0].header
    url = next(
        iter(re.findall(r"https?://\S+", f"{header.get('origin', '')} {header.get('applied-upstream', '')}")), None
    )
    upstream = _upstream(package.version, context)
    pin = context.scheme.parse(context.pin.component.version)
    near = upstream is not None and pin is not None and _line(upstream) == _line(pin)
    return Fix(
        advisory=context.finding.id,
        route=FixRoute.DISTRIBUTION,
        files=changes,
        confidence=_SAME_LINE if near else _CONFIDENCE,
        reasons=(f"Debian's {package.name} {package.version} carries {', '.join(patch.name for patch in own)}",),
        origin_url=url,
        author=_plain(header.get("author") or header.get("from") or "") or None,
        subject=_plain(header.get("subject") or header.get("description") or own[0].name)[:200],
    )


def _line(version: Version) -> list[str]:
    """The first two numbers of a version."""
    return str(version).split(".")[:2]


def _plain(text: str) -> str:
    """A header field with its encoded words (RFC 2047) written out."""
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text
