"""Reads a series of patches as distributions ship them, and applies it without fuzz. Pure; the patches are hostile."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from avr.model.source import SourceTree

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_MAX_PATCH = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One patch: its header fields by lower-case name (DEP-3), and its hunks by file.

    A hunk is the line (from 0) in the old file with the old and the new lines.
    """

    name: str
    header: Mapping[str, str]
    text: str
    files: tuple[tuple[str | None, str | None, tuple[tuple[int, tuple[bytes, ...], tuple[bytes, ...]], ...]], ...]


def series(tree: SourceTree) -> tuple[Patch, ...]:
    """The patches of `debian/patches/series` in order; what cannot be read is left out."""
    listed = tree.get("debian/patches/series") or b""
    names = [line.split(b" #")[0].strip().decode("utf-8", "replace") for line in listed.splitlines()]
    found = ((name, tree.get(f"debian/patches/{name.split()[0]}")) for name in names if name and name[0] != "#")
    return tuple(parse(name, data) for name, data in found if data is not None and len(data) <= _MAX_PATCH)


def parse(name: str, data: bytes) -> Patch:
    """Read one patch with `a/`-prefixed or bare paths below one top folder (`-p1`)."""
    lines = data.split(b"\n")
    start = next((at for at, line in enumerate(lines) if line.startswith((b"--- ", b"diff ", b"Index: "))), len(lines))
    text = b"\n".join(lines[:start]).decode("utf-8", "replace")
    files: list[tuple[str | None, str | None, list[tuple[int, tuple[bytes, ...], tuple[bytes, ...]]]]] = []
    at = start
    while at < len(lines):
        match = _HUNK.match(lines[at])
        if lines[at].startswith(b"--- ") and at + 1 < len(lines) and lines[at + 1].startswith(b"+++ "):
            files.append((_path(lines[at]), _path(lines[at + 1]), []))
            at += 2
        elif match and files:
            hunk, at = _hunk(lines, at, match)
            files[-1][2].append(hunk)
        else:
            at += 1
    return Patch(
        name=name, header=_header(text), text=text, files=tuple((old, new, tuple(each)) for old, new, each in files)
    )


def applied(tree: SourceTree, patch: Patch) -> SourceTree | None:
    """The tree with a patch applied at lines that match whole, offsets allowed; None where it does not fit."""
    changes: dict[str, bytes | None] = {}
    for old, new, hunks in patch.files:
        source = (changes[old] if old in changes else tree.get(old)) if old is not None else b""
        result = _patched(source, hunks) if source is not None else None
        if result is None or (old is None and new is None):
            return None
        if old is not None and old != new:
            changes[old] = None
        if new is not None:
            changes[new] = result
    return tree.replacing(changes)


def _patched(data: bytes, hunks: tuple[tuple[int, tuple[bytes, ...], tuple[bytes, ...]], ...]) -> bytes | None:
    lines = re.split(rb"(?<=\n)", data)
    lines = lines if lines[-1] else lines[:-1]
    out: list[bytes] = []
    at = offset = 0
    for start, old, new in hunks:
        place = _place(lines, old, start + offset, at)
        if place is None:
            return None
        offset = place - start
        out += [*lines[at:place], *new]
        at = place + len(old)
    return b"".join(out + lines[at:])


def _place(lines: list[bytes], old: tuple[bytes, ...], wanted: int, least: int) -> int | None:
    """Where the old lines stand, nearest to `wanted`; two places equally far away are refused."""
    fits = [at for at in range(least, len(lines) - len(old) + 1) if tuple(lines[at : at + len(old)]) == old]
    fits.sort(key=lambda at: abs(at - wanted))
    if not fits or (len(fits) > 1 and abs(fits[0] - wanted) == abs(fits[1] - wanted)):
        return None
    return fits[0]


def _hunk(
    lines: list[bytes], at: int, match: re.Match[bytes]
) -> tuple[tuple[int, tuple[bytes, ...], tuple[bytes, ...]], int]:
    start, count_old, _, count_new = (int(group) if group is not None else 1 for group in match.groups())
    old: list[bytes] = []
    new: list[bytes] = []
    at += 1
    while at < len(lines) and (len(old) < count_old or len(new) < count_new):
        mark, line = lines[at][:1] or b" ", lines[at][1:] + b"\n"
        if mark not in b" -+":
            break
        if mark != b"+":
            old.append(line)
        if mark != b"-":
            new.append(line)
        at += 1
        if at < len(lines) and lines[at].startswith(b"\\ No newline"):
            for side in (old,) if mark == b"-" else (new,) if mark == b"+" else (old, new):
                side[-1] = side[-1].removesuffix(b"\n")
            at += 1
    return (max(start - 1, 0) if count_old else start, tuple(old), tuple(new)), at


def _path(line: bytes) -> str | None:
    text = line[4:].split(b"\t")[0].strip().decode("utf-8", "surrogateescape")
    if text == "/dev/null":
        return None
    parts = PurePosixPath(text).parts
    return None if ".." in parts or text.startswith("/") or len(parts) < 2 else "/".join(parts[1:])


def _header(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in text.splitlines():
        match = re.match(r"([A-Za-z][\w-]*):\s*(.*)", line)
        if match:
            fields.setdefault(match[1].lower(), match[2].strip())
    return fields
