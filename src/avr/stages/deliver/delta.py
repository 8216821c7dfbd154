"""What a delivered archive holds that the registry's did not, member by member, and why.

Every member is either the same, or differs for one of the reasons in `Why`. The first three are checked on the bytes:
a changed member counts as the patch's only where it was a pinned source file before and is the patched one after.
"""

import base64
import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from avr.ecosystems.interface import Pin
from avr.model.identifiers import Digest
from avr.model.source import SourceTree
from avr.tools.archives import unpack
from avr.tools.blobs import digest_of
from avr.tools.difference import edits

SHOWN_LINES = 40
_VERSION_FILES = frozenset({"METADATA", "PKG-INFO", "setup.cfg", "pyproject.toml", "metadata.json", "pydist.json"})
_TAG_LINES = frozenset({b"[egg_info]", b"tag_date = 0", b""})
_SIGNED = ("RECORD.jws", "RECORD.p7s")


class Why(StrEnum):
    """Why a member differs from the original's."""

    PATCH = "patch"
    """The patch changes the source file that it is."""
    VERSION = "version"
    """Metadata that carries the version; the lines are given."""
    RECORD = "record"
    """The wheel's list of digests, made anew: it holds for exactly what is in the archive; old signatures of it go."""
    UNEXPLAINED = "unexplained"
    """None of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An archive's members, the version cut out of the names of a wheel's metadata folders."""

    name: str
    sha256: Digest
    members: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member that differs: its digests (None where it is not there), the reason, and the lines of a new version."""

    name: str
    before: Digest | None
    after: Digest | None
    why: Why
    sources: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """Two archives compared; `same` counts the members that are equal byte for byte."""

    original: Archive
    patched: Archive
    same: int
    members: tuple[Member, ...]

    @property
    def unexplained(self) -> tuple[str, ...]:
        """Members that neither the patch nor the new version explains."""
        return tuple(each.name for each in self.members if each.why is Why.UNEXPLAINED)

    def predicate(self) -> dict[str, Any]:
        """The delta as it is attested."""
        return {
            "original": {"name": self.original.name, "digest": {"sha256": self.original.sha256}},
            "patched": {"name": self.patched.name, "digest": {"sha256": self.patched.sha256}},
            "membersEqual": self.same,
            "membersDiffering": [_member(each) for each in self.members],
            "onlyThePatch": not self.unexplained,
        }


def archive(name: str, data: bytes) -> Archive:
    """An archive read as hostile; raises `AvrError` `archive.*`."""
    is_wheel = name.endswith(".whl")
    tree = unpack(data, name=name, strip_top=not is_wheel)
    members = {_unversioned(path) if is_wheel else path: content for path, content in tree.files.items()}
    return Archive(name=name, sha256=digest_of(data), members=members)


def deltas(pin: Pin, after: SourceTree, version: str, files: Mapping[str, bytes]) -> tuple[Delta, ...]:
    """Each of `files` (the artifacts of `version` by name) against the registry's file of its kind, where it has one.

    Raises `AvrError` `archive.*` for a file that is no sound archive.
    """
    suffix = version.removeprefix(pin.component.version)
    found = []
    for name, data in sorted(files.items()):
        path = pin.wheel if name.endswith(".whl") else pin.sdist
        if path is not None:
            original = archive(path.name, path.read_bytes())
            found.append(compare(original, archive(name, data), pin.tree, after, suffix))
    return tuple(found)


def compare(original: Archive, patched: Archive, pinned: SourceTree, after: SourceTree, suffix: str) -> Delta:
    """All members that differ, each with its reason; `suffix` is what the new version ends in, such as `+avr.1`."""
    names = sorted(original.members.keys() | patched.members.keys())
    differing = [each for each in names if original.members.get(each) != patched.members.get(each)]
    changes = _changes(pinned, after)
    members = [
        _explained(name, original.members.get(name), patched.members.get(name), changes, suffix) for name in differing
    ]
    return Delta(
        original=original,
        patched=patched,
        same=len(names) - len(differing),
        members=tuple(_record(each, patched) if _is_record(each.name) else each for each in members),
    )


Change = tuple[bytes | None, bytes | None]


def _changes(pinned: SourceTree, after: SourceTree) -> dict[Change, list[str]]:
    found: dict[Change, list[str]] = {}
    for path in sorted(pinned.files.keys() | after.files.keys()):
        change = (pinned.get(path), after.get(path))
        if change[0] != change[1]:
            found.setdefault(change, []).append(path)
    return found


def _explained(
    name: str, before: bytes | None, after: bytes | None, changes: Mapping[Change, list[str]], suffix: str
) -> Member:
    sources = [path for path in changes.get((before, after), ()) if path.rpartition("/")[2] == name.rpartition("/")[2]]
    removed, added = _lines(before or b"", after or b"")
    if sources:
        return _made(name, before, after, Why.PATCH, tuple(sources))
    is_metadata = name.rpartition("/")[2] in _VERSION_FILES
    if is_metadata and after is not None and _is_stamp(added, suffix.encode()):
        return _made(name, before, after, Why.VERSION, (), removed, added)
    return _made(name, before, after, Why.UNEXPLAINED)


def _made(
    name: str,
    before: bytes | None,
    after: bytes | None,
    why: Why,
    sources: tuple[str, ...] = (),
    removed: tuple[bytes, ...] = (),
    added: tuple[bytes, ...] = (),
) -> Member:
    return Member(
        name=name,
        before=None if before is None else digest_of(before),
        after=None if after is None else digest_of(after),
        why=why,
        sources=sources,
        removed=tuple(_text(each) for each in removed),
        added=tuple(_text(each) for each in added),
    )


def _is_stamp(added: tuple[bytes, ...], suffix: bytes) -> bool:
    """Whether the new lines say the version and nothing else."""
    return 0 < len(added) <= SHOWN_LINES and all(suffix in each or each.strip() in _TAG_LINES for each in added)


def _lines(before: bytes, after: bytes) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    old, new = before.splitlines(), after.splitlines()
    found = edits(old, new)
    removed = tuple(line for each in found for line in old[each.a0 : each.a1])
    added = tuple(line for each in found for line in new[each.b0 : each.b1])
    return removed, added


def _is_record(name: str) -> bool:
    folder, _, last = name.rpartition("/")
    return folder.endswith(".dist-info") and last in {"RECORD", *_SIGNED}


def _record(member: Member, patched: Archive) -> Member:
    """A signature of the old list is dropped; the new list must hold for exactly what is in the archive."""
    data = patched.members.get(member.name)
    if member.name.endswith(_SIGNED):
        why = Why.RECORD if data is None else Why.UNEXPLAINED
    else:
        why = Why.RECORD if _holds(data or b"", member.name, patched) else Why.UNEXPLAINED
    return replace(member, why=why)


def _holds(record: bytes, name: str, patched: Archive) -> bool:
    """Whether a RECORD has one row with the right digest for each member, its own excepted, and no other row."""
    rows = [row for row in csv.reader(io.StringIO(record.decode("utf-8", "replace"))) if len(row) > 1]
    said = {_unversioned(row[0]): row[1] for row in rows}
    wanted = {path: _row_digest(data) for path, data in patched.members.items() if path != name} | {name: ""}
    return len(said) == len(rows) and said == wanted


def _row_digest(data: bytes) -> str:
    return f"sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()}"


def _unversioned(path: str) -> str:
    top, slash, rest = path.partition("/")
    end = next((each for each in (".dist-info", ".data") if top.endswith(each)), None)
    return f"{top.split('-')[0]}{end}{slash}{rest}" if end else path


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")[:300]


def _member(member: Member) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": member.name, "why": member.why.value}
    for side, digest in (("before", member.before), ("after", member.after)):
        if digest is not None:
            entry[side] = {"sha256": digest}
    for key, lines in (("sources", member.sources), ("removed", member.removed), ("added", member.added)):
        if lines:
            entry[key] = list(lines)
    return entry
