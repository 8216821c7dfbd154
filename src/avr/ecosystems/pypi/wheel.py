"""Wheels taken apart and put together again: new contents, new version, same everything else.

The format is https://packaging.python.org/en/latest/specifications/binary-distribution-format/. The code of a package
is not told its new version: programs parse `__version__` and stumble over a local suffix.
"""

import base64
import csv
import hashlib
import io
import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from avr.errors import AvrError
from avr.model.source import SourceTree
from avr.tools.archives import pack_zip, unpack

_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
_VERSION = re.compile(rb"^(Version:[ \t]*)([^\r\n]*?)([ \t]*\r?)$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel's members in their order in the archive, and the name and version that its metadata folder carries."""

    filename: str
    tree: SourceTree
    info: str
    """The metadata folder, such as `Jinja2-2.11.2.dist-info`."""

    @property
    def stem(self) -> str:
        """Name and version as the folders spell them, such as `Jinja2-2.11.2`."""
        return self.info.removesuffix(".dist-info")

    @property
    def code(self) -> dict[str, bytes]:
        """The members outside the metadata folder."""
        return {path: data for path, data in self.tree.files.items() if not path.startswith(self.info + "/")}


def read(filename: str, content: Path | bytes) -> Wheel:
    """Read a wheel, checking it as a hostile archive; raises `AvrError` `archive.*` or `wheel.metadata`."""
    tree = unpack(content, name=filename)
    found = {path.split("/")[0] for path in tree if re.fullmatch(r"[^/]+\.dist-info/METADATA", path)}
    if len(found) != 1 or "-" not in min(found):
        hint = "it was not made by a proper build; use the source archive instead"
        raise AvrError("wheel.metadata", f"wheel {filename!r} has not exactly one metadata folder", hint=hint)
    return Wheel(filename=filename, tree=tree, info=min(found))


def metadata_version(data: bytes) -> str:
    """The version that a METADATA or PKG-INFO file states; empty where it states none."""
    match = _VERSION.search(_header(data))
    return match[2].decode("utf-8", "replace") if match else ""


def with_version(data: bytes, version: str) -> bytes:
    """A METADATA or PKG-INFO file with another version and nothing else changed."""
    header = _header(data)
    return _VERSION.sub(lambda match: match[1] + version.encode() + match[3], header, count=1) + data[len(header) :]


def rewritten(
    wheel: Wheel,
    version: str | None = None,
    *,
    written: Mapping[str, bytes] = MappingProxyType({}),
    added: Mapping[str, bytes] = MappingProxyType({}),
    removed: Collection[str] = (),
) -> Wheel:
    """The wheel with other contents and, where given, another version; RECORD is made anew and comes last.

    Order and names of members stay, but for the version in the names of the two metadata folders; added members
    follow the last of their folder; signatures of the old RECORD are dropped.
    """
    stem = _stem(wheel, version)
    entries: dict[str, bytes] = {}
    for path, data in _placed(wheel.tree.files, added).items():
        if path not in removed and path not in _dropped(wheel):
            entries[_renamed(path, wheel, stem)] = _stamped(path, written.get(path, data), wheel, version)
    entries[f"{stem}.dist-info/RECORD"] = _record(entries, f"{stem}.dist-info/RECORD")
    executable = {_renamed(path, wheel, stem) for path in wheel.tree.executable}
    tags = wheel.filename.removesuffix(".whl").split("-")[2:]
    return Wheel(
        filename="-".join((stem, *tags)) + ".whl" if version else wheel.filename,
        tree=SourceTree(files=entries, executable=frozenset(executable)),
        info=f"{stem}.dist-info",
    )


def packed(wheel: Wheel, mtime: int) -> bytes:
    """The wheel's bytes, the same for the same members; `mtime` in Unix seconds."""
    return pack_zip(wheel.tree.files, mtime, executable=wheel.tree.executable)


def differences(wheel: Wheel) -> list[str]:
    """Members in which a wheel differs from its own rewriting without any change; of RECORD, the rows count."""
    again, record = rewritten(wheel).tree.files, f"{wheel.info}/RECORD"
    skipped = _dropped(wheel)
    names = sorted(again.keys() | wheel.tree.files.keys())
    wrong = [path for path in names if path not in skipped and again.get(path) != wheel.tree.get(path)]
    if _rows(wheel.tree.get(record) or b"", skipped) != _rows(again[record], skipped):
        wrong.append(record)
    return wrong


def _header(data: bytes) -> bytes:
    end = re.search(rb"\r?\n\r?\n", data)
    return data[: end.start()] if end else data


def _dropped(wheel: Wheel) -> set[str]:
    return {f"{wheel.info}/{name}" for name in (*_SIGNATURES, "RECORD")}


def _stem(wheel: Wheel, version: str | None) -> str:
    return f"{wheel.stem.split('-')[0]}-{version.replace('-', '_')}" if version else wheel.stem


def _renamed(path: str, wheel: Wheel, stem: str) -> str:
    for end in (".dist-info/", ".data/"):
        if path.startswith(wheel.stem + end):
            return stem + path[len(wheel.stem) :]
    return path


def _stamped(path: str, data: bytes, wheel: Wheel, version: str | None) -> bytes:
    if version is None or posixpath.dirname(path) != wheel.info:
        return data
    if path == f"{wheel.info}/METADATA":
        return with_version(data, version)
    if path in {f"{wheel.info}/metadata.json", f"{wheel.info}/pydist.json"}:
        old = metadata_version(wheel.tree.files[f"{wheel.info}/METADATA"])
        pattern = rb'("version":\s*")' + re.escape(old.encode()) + rb'"'
        return re.sub(pattern, lambda match: match[1] + version.encode() + b'"', data, count=1)
    return data


def _placed(files: Mapping[str, bytes], added: Mapping[str, bytes]) -> dict[str, bytes]:
    order = list(files)
    for path in sorted(added):
        folder = posixpath.dirname(path)
        last = max((at for at, each in enumerate(order) if posixpath.dirname(each) == folder), default=-1)
        order.insert(last + 1, path)
    return {path: added[path] if path in added else files[path] for path in order}


def _record(entries: Mapping[str, bytes], record: str) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for path, data in entries.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        writer.writerow((path, f"sha256={digest}", len(data)))
    writer.writerow((record, "", ""))
    return buffer.getvalue().encode()


def _rows(record: bytes, skipped: Collection[str]) -> set[tuple[str, ...]]:
    """The rows of a RECORD but for those of itself and its signatures."""
    rows = csv.reader(io.StringIO(record.decode("utf-8", "replace")))
    return {tuple(row) for row in rows if row and row[0] not in skipped}
