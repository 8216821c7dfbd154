"""Trees written to folders safely and to archives reproducibly: the same input gives the same bytes everywhere.

Archives are stored, not compressed: a compressor's output depends on the library and its version (zlib, zlib-ng), and
a rebuilt file is compared byte by byte on machines that we do not know. Gzip headers name no system and no file.
"""

import io
import os
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from avr.errors import AvrError
from avr.model.source import SourceTree
from avr.tools.blobs import disk_errors

_BLOCK = 0xFFFF
_EARLIEST_IN_ZIP = 315532800


def refuse(code: str, archive: str, what: str) -> NoReturn:
    """Raise `AvrError` about an archive that is not to be used."""
    hint = "nothing of it was used; get the file again from a source you trust, or report it to its publisher"
    raise AvrError(code, f"archive {archive!r}: {what}", hint=hint)


def safe_path(path: str, archive: str = "archive", longest: int = 1024) -> str:
    """A member's name as a clean relative POSIX path; raises `AvrError` `archive.path` for a dangerous one."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    control = any(ord(letter) < 32 for letter in path)
    if path.startswith("/") or ".." in parts or "\\" in path or control or path[1:3] == ":/":
        refuse("archive.path", archive, f"member {path!r} points outside the archive or has a forbidden name")
    if len(path) > longest or any(len(part.encode("utf-8", "surrogateescape")) > 255 for part in parts):
        refuse("archive.path", archive, f"member {path[:80]!r}... has a name of {len(path)} characters")
    return "/".join(parts)


def write_tree(tree: SourceTree, folder: Path) -> None:
    """Write the files of `tree` under `folder`, which is made; existing files are replaced, links never followed.

    Raises `AvrError` `archive.path` for a path that leaves the folder, `store.disk-full` or `store.not-writable`.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        root = folder.resolve()
        for path in tree:
            _write(root, safe_path(path, str(folder)), tree.files[path], path in tree.executable)


def pack_targz(tree: SourceTree, top: str, mtime: int) -> bytes:
    """A gzipped tar archive of `tree` under the folder `top`; paths sorted, owner 0, `mtime` in Unix seconds."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in tree:
            data = tree.files[path]
            member = tarfile.TarInfo(f"{top}/{path}" if top else path)
            member.size, member.mtime = len(data), mtime
            member.mode = 0o755 if path in tree.executable else 0o644
            tar.addfile(member, io.BytesIO(data))
    return _gzip(buffer.getvalue())


def pack_zip(entries: Mapping[str, bytes], mtime: int, *, executable: frozenset[str] = frozenset()) -> bytes:
    """A zip archive of `entries` in their given order; `mtime` in Unix seconds, not before 1980."""
    buffer = io.BytesIO()
    moment = time.gmtime(max(mtime, _EARLIEST_IN_ZIP))[:6]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, data in entries.items():
            member = zipfile.ZipInfo(path, date_time=moment)
            member.create_system = 3
            member.external_attr = (0o100755 if path in executable else 0o100644) << 16
            archive.writestr(member, data)
    return buffer.getvalue()


def _write(root: Path, path: str, data: bytes, executable: bool) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.parent.resolve().is_relative_to(root) or target.is_symlink():
        refuse("archive.path", str(root), f"member {path!r} would be written through a link")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(target, flags, 0o755 if executable else 0o644), "wb") as file:
        file.write(data)


def _gzip(data: bytes) -> bytes:
    """A gzip member of stored blocks (RFC 1951, 3.2.4), with no time, no name and an unknown system (RFC 1952)."""
    blocks = [data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK)] or [b""]
    out = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    for number, block in enumerate(blocks, 1):
        out += [struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF), block]
    out.append(struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF))
    return b"".join(out)
