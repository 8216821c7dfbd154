"""The patch that is delivered: a unified diff behind a DEP-3 header, https://dep-team.pages.debian.net/deps/dep3/.

The header begins with the fields `From` and `Subject`, which DEP-3 takes for `Author` and `Description`, so that mail
tools such as `git am` accept the file as well. All text of others is folded onto lines that cannot be mistaken for a
field or for the beginning of a diff.
"""

import re
from collections.abc import Iterable, Iterator

from avr.model.backport import Backport, Hunk, HunkStatus, PortedFix
from avr.model.fix import ChangeKind
from avr.model.source import SourceTree
from avr.stages.deliver.delivery import Delivery
from avr.stages.deliver.layout import without_credentials
from avr.tools.unified import unified, unified_tree

UNKNOWN_AUTHOR = "unknown upstream author <unknown@upstream.invalid>"


def patch(delivery: Delivery) -> bytes:
    """The code changes of the whole backport, to be applied to the pinned source with `-p1`."""
    lines = "".join(f"{line}\n" for line in _header(delivery))
    difference = unified_tree(delivery.backport.pinned, delivery.backport.patched)
    return lines.encode("utf-8", "replace") + b"\n---\n" + difference


def tests_patch(backport: Backport) -> bytes:
    """The ported security tests as a patch against the pinned source; binary test data is left out."""
    before = backport.pinned
    texts = {path: data for path, data in sorted(backport.security_tests.items()) if b"\0" not in data}
    parts = [
        unified(before.get(path), data, path, path) for path, data in texts.items() if b"\0" not in _old(before, path)
    ]
    return b"".join(parts)


def _old(tree: SourceTree, path: str) -> bytes:
    return tree.get(path) or b""


def _header(delivery: Delivery) -> Iterator[str]:
    ported = delivery.backport.ported
    closed = [each.advisory for each in ported]
    yield f"From: {_author(ported)}"
    yield _field("Subject", f"Backport the fixes of {', '.join(closed)} to {delivery.component}")
    for each in ported:
        yield _field("Origin", f"backport, {_origin(each)}")
        yield from (_field("Author", each.fix.author) for _ in [0] if each.fix.author)
    for report in delivery.findings:
        yield _field("X-AVR-Finding", f"{report.finding.id} {report.state} {report.assurance}")
        names = report.finding.advisory.ids if report.finding.id in closed else ()
        yield from (_field("Bug-OSV", f"https://osv.dev/vulnerability/{name}") for name in names)
    yield "Forwarded: not-needed"
    for each in ported:
        yield _field("Applied-Upstream", _applied(each))
    yield f"Last-Update: {delivery.moment:%Y-%m-%d}"
    for each in ported:
        yield from (_hunk(each, hunk) for hunk in _delivered(each.hunks))


def _delivered(hunks: Iterable[Hunk]) -> Iterator[Hunk]:
    return (each for each in hunks if each.kind is ChangeKind.CODE and each.status is not HunkStatus.UNPLACED)


def _hunk(ported: PortedFix, hunk: Hunk) -> str:
    place = f"{hunk.target or hunk.path}:{hunk.line or hunk.start}"
    if hunk.status is HunkStatus.PRESENT:
        return _field("X-AVR-Hunk", f"{place} already present ({ported.advisory})")
    if hunk.status is HunkStatus.UNNEEDED:
        return _field("X-AVR-Hunk", f"{hunk.path}:{hunk.start} left out: {hunk.tried[-1]} ({ported.advisory})")
    origin, rung = hunk.origin or "unknown", hunk.rung or "-"
    return _field("X-AVR-Hunk", f"{place} {origin} {rung} ({ported.advisory})")


def _author(ported: Iterable[PortedFix]) -> str:
    authors = [_flat(each.fix.author) for each in ported if each.fix.author]
    usable = [each for each in authors if re.fullmatch(r"[^<>]+ <[^<>@\s]+@[^<>\s]+>", each)]
    return usable[0] if usable else UNKNOWN_AUTHOR


def _origin(ported: PortedFix) -> str:
    fix = ported.fix
    if fix.origin_url:
        return without_credentials(fix.origin_url)
    return ", ".join(fix.commits) or fix.route.value


def _applied(ported: PortedFix) -> str:
    commits = ", ".join(ported.fix.commits) or "in a later release"
    return f"{commits} {ported.fix.subject}"


def _field(name: str, value: str) -> str:
    return f"{name}: {_flat(value)}"


def _flat(text: str | None) -> str:
    """Text of others on one line, without control characters, cut at a length that mail tools accept."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text or "").split())[:900]
