"""Unified diffs in git's dialect, https://git-scm.com/docs/diff-format: written, read and applied with zero fuzz."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from avr.errors import AvrError
from avr.model.source import SourceTree
from avr.tools.difference import Edit, edits

_CONTEXT = 3
_HEADER = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NO_EOL = b"\\ No newline at end of file\n"
_ESCAPES = {b"\a": b"a", b"\b": b"b", b"\t": b"t", b"\n": b"n", b"\v": b"v", b"\f": b"f", b"\r": b"r"}


def unified(before: bytes | None, after: bytes | None, path_before: str, path_after: str) -> bytes:
    """The change of one file as a patch with three lines of context; empty where nothing differs.

    None stands for a file that does not exist on that side. Raises `AvrError` `patch.binary` for contents with NUL.
    """
    if before == after:
        return b""
    if b"\0" in (before or b"") or b"\0" in (after or b""):
        raise AvrError(
            "patch.binary",
            f"{path_after!r} is binary and cannot be written as a unified diff",
            hint="deliver binary files whole",
        )
    head = quoted(b"a/", path_before), quoted(b"b/", path_after)
    out = [b"diff --git %s %s\n" % head]
    out += [b"new file mode 100644\n"] if before is None else []
    out += [b"deleted file mode 100644\n"] if after is None else []
    out += _renamed(path_before, path_after) if before is not None and after is not None else []
    old, new = _lines(before or b""), _lines(after or b"")
    if old or new:
        out.append(b"--- %s\n" % (b"/dev/null" if before is None else _tabbed(head[0])))
        out.append(b"+++ %s\n" % (b"/dev/null" if after is None else _tabbed(head[1])))
        out += _hunks(old, new)
    return b"".join(out)


def unified_tree(before: SourceTree, after: SourceTree) -> bytes:
    """One patch for every text file that differs between two trees, in the order of their paths."""
    paths = before.differing(after)
    return b"".join(unified(before.get(path), after.get(path), path, path) for path in paths)


def apply_unified(tree: SourceTree, patch: bytes) -> SourceTree:
    """`tree` with `patch` applied at exactly the lines it names, every context line equal.

    Text in front of the first `diff --git` line (a DEP-3 header) is passed over. Raises `AvrError` `patch.malformed`
    where the patch cannot be read or names a path outside the tree, `patch.mismatch` where it does not fit.
    """
    changes: dict[str, bytes | None] = {}
    for section in _sections(patch):
        source = changes.get(section.old, tree.get(section.old)) if section.old else None
        if section.old and source is None:
            raise _mismatch(section.old, "the file does not exist")
        if section.new and section.new != section.old and (section.new in tree or section.new in changes):
            raise _mismatch(section.new, "the file exists already")
        content = _applied(source or b"", section)
        if section.old and section.old != section.new:
            changes[section.old] = None
        if section.new:
            changes[section.new] = content
        elif content:
            raise _mismatch(section.old or "", "the file to delete has further content")
    return tree.replacing(changes)


@dataclass(slots=True)
class _Section:
    """The part of a patch that speaks of one file; `hunks` holds (old start from 0, old lines, new lines)."""

    old: str | None
    new: str | None
    hunks: list[tuple[int, list[bytes], list[bytes]]] = field(default_factory=list)


def _lines(data: bytes) -> list[bytes]:
    """Lines with their line feeds; only a line feed ends a line here, as in git."""
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def quoted(prefix: bytes, path: str) -> bytes:
    """A path as git writes it in patches: with escapes in quotes where it is not plain ASCII."""
    raw = prefix + path.encode("utf-8", "surrogateescape")
    if not re.search(rb'[\x00-\x1f"\\\x7f-\xff]', raw):
        return raw
    return b'"' + b"".join(_escaped(raw[i : i + 1]) for i in range(len(raw))) + b'"'


def _escaped(char: bytes) -> bytes:
    if char in _ESCAPES:
        return b"\\" + _ESCAPES[char]
    if char in b'"\\':
        return b"\\" + char
    return char if b" " <= char < b"\x7f" else b"\\%03o" % ord(char)


def _unquoted(name: bytes) -> bytes:
    if not name.startswith(b'"'):
        return name
    letters = {value: key for key, value in _ESCAPES.items()}

    def plain(match: re.Match[bytes]) -> bytes:
        code = match.group(1)
        return bytes([int(code, 8) & 0xFF]) if code.isdigit() else letters.get(code, code)

    return re.sub(rb"\\([0-7]{3}|.)", plain, name[1:-1])


def _tabbed(name: bytes) -> bytes:
    return name + b"\t" if b" " in name and not name.startswith(b'"') else name


def _renamed(old: str, new: str) -> list[bytes]:
    if old == new:
        return []
    plain = [quoted(b"", old), quoted(b"", new)]
    return [b"similarity index 50%\n", b"rename from %s\n" % plain[0], b"rename to %s\n" % plain[1]]


def _hunks(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[bytes]:
    for group in _grouped(edits(old, new)):
        a0, b0 = max(group[0].a0 - _CONTEXT, 0), max(group[0].b0 - _CONTEXT, 0)
        a1, b1 = min(group[-1].a1 + _CONTEXT, len(old)), min(group[-1].b1 + _CONTEXT, len(new))
        yield b"@@ -%s +%s @@\n" % (_span(a0, a1), _span(b0, b1))
        at = a0
        for each in group:
            yield from (_line(b" ", line) for line in old[at : each.a0])
            yield from (_line(b"-", line) for line in old[each.a0 : each.a1])
            yield from (_line(b"+", line) for line in new[each.b0 : each.b1])
            at = each.a1
        yield from (_line(b" ", line) for line in old[at:a1])


def _grouped(found: Sequence[Edit]) -> list[list[Edit]]:
    groups: list[list[Edit]] = []
    for each in found:
        if groups and each.a0 - groups[-1][-1].a1 <= 2 * _CONTEXT:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _span(start: int, end: int) -> bytes:
    count = end - start
    return b"%d" % (start + 1) if count == 1 else b"%d,%d" % (start + 1 if count else start, count)


def _line(mark: bytes, line: bytes) -> bytes:
    return mark + line if line.endswith(b"\n") else mark + line + b"\n" + _NO_EOL


def _sections(patch: bytes) -> list[_Section]:
    sections: list[_Section] = []
    lines = _lines(patch)
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith(b"diff --git "):
            section, at = _section(lines, at)
            sections.append(section)
        elif sections:
            raise _malformed(f"unexpected line {at + 1}: {line[:80]!r}")
        else:
            at += 1
    if not sections:
        raise _malformed("no `diff --git` line")
    return sections


def _section(lines: list[bytes], at: int) -> tuple[_Section, int]:
    names = re.fullmatch(rb'diff --git ("a/.*"|a/.*) ("b/.*"|b/.*)\n', lines[at])
    if names is None:
        raise _malformed(f"line {at + 1}: {lines[at][:80]!r}")
    old, new = (_unquoted(each)[2:] for each in names.groups())
    created = deleted = False
    at += 1
    while at < len(lines) and not lines[at].startswith((b"@@ ", b"diff --git ")):
        line = lines[at].rstrip(b"\n")
        created |= line.startswith(b"new file mode ")
        deleted |= line.startswith(b"deleted file mode ")
        old = _named(line, b"--- ", b"a/", _named(line, b"rename from ", b"", old))
        new = _named(line, b"+++ ", b"b/", _named(line, b"rename to ", b"", new))
        at += 1
    section = _Section(None if created else _safe(old), None if deleted else _safe(new))
    while at < len(lines) and lines[at].startswith(b"@@ "):
        at = _read_hunk(lines, at, section)
    return section, at


def _named(line: bytes, mark: bytes, prefix: bytes, default: bytes) -> bytes:
    if not line.startswith(mark) or line.endswith(b"/dev/null"):
        return default
    name = _unquoted(line[len(mark) :].removesuffix(b"\t"))
    return name.removeprefix(prefix)


def _safe(path: bytes) -> str:
    text = path.decode("utf-8", "surrogateescape")
    parts = PurePosixPath(text).parts
    if not parts or text.startswith("/") or ".." in parts or "\0" in text:
        raise _malformed(f"the path {text!r} leads out of the tree")
    return text


def _read_hunk(lines: list[bytes], at: int, section: _Section) -> int:
    header = _HEADER.match(lines[at])
    if header is None:
        raise _malformed(f"line {at + 1}: {lines[at][:80]!r}")
    start, old_count, _, new_count = (int(each) if each is not None else 1 for each in header.groups())
    old: list[bytes] = []
    new: list[bytes] = []
    at += 1
    while len(old) < old_count or len(new) < new_count or lines[at : at + 1] == [_NO_EOL]:
        line = lines[at] if at < len(lines) else b""
        if line == _NO_EOL:
            for side in (old, new) if lines[at - 1][:1] == b" " else (old,) if lines[at - 1][:1] == b"-" else (new,):
                side[-1:] = [each.removesuffix(b"\n") for each in side[-1:]]
        elif line[:1] in (b" ", b"-", b"+") and line:
            old += [line[1:]] if line[:1] != b"+" else []
            new += [line[1:]] if line[:1] != b"-" else []
        else:
            raise _malformed(f"line {at + 1} ends a hunk too early")
        at += 1
    if (len(old), len(new)) != (old_count, new_count):
        raise _malformed(f"line {at}: the hunk has other lengths than its header says")
    section.hunks.append((start - 1 if old_count else start, old, new))
    return at


def _applied(content: bytes, section: _Section) -> bytes:
    lines = _lines(content)
    out: list[bytes] = []
    at = 0
    for start, old, new in section.hunks:
        if start < at or lines[start : start + len(old)] != old:
            raise _mismatch(section.old or section.new or "", f"line {start + 1} and what follows are different")
        out += lines[at:start] + new
        at = start + len(old)
    return b"".join(out + lines[at:])


def _malformed(why: str) -> AvrError:
    return AvrError("patch.malformed", f"the patch cannot be read: {why}", hint="fetch the patch again")


def _mismatch(path: str, why: str) -> AvrError:
    return AvrError(
        "patch.mismatch",
        f"the patch does not fit {path!r}: {why}",
        hint="check that the source is the exact release that the patch was made for",
    )
