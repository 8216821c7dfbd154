"""Archives as hostile input, read member by member in memory and never extracted to disk.

Refused: absolute paths and `..`, links that leave the archive, devices, two different files under one name, a file
used as a folder, encrypted members, and anything beyond the limits. A link to a regular file of the same archive
becomes a copy of that file; links to folders or to nothing are dropped, since a tree never holds links.
"""

import bz2
import gzip
import io
import lzma
import posixpath
import stat
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn, cast

from avr.errors import AvrError
from avr.model.source import SourceTree
from avr.tools.packing import pack_targz, pack_zip, refuse, safe_path, write_tree

__all__ = ["Limits", "pack_targz", "pack_zip", "safe_path", "unpack", "write_tree"]

_CHUNK = 1 << 20
_RATIO_FROM = 32 << 20
_DEVICES = (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK)
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError)
_UNSUPPORTED = (NotImplementedError, RuntimeError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an archive may hold.

    `total` and `member` are bytes after decompression; `ratio` is decompressed to compressed size and counts from
    32 MiB on; `path` is the length of a member's name in characters.
    """

    total: int = 1 << 30
    member: int = 256 << 20
    members: int = 100_000
    ratio: int = 200
    path: int = 1024


def unpack(
    source: Path | bytes, *, name: str = "", limits: Limits | None = None, strip_top: bool = False
) -> SourceTree:
    """The regular files of a tar (plain, gzip, bzip2, xz) or zip archive, told apart by content.

    `strip_top` removes the top folder where all members share one. `name` is used in messages. Raises `AvrError`
    `archive.not-archive`, `archive.broken`, `archive.bomb`, `archive.path`, `archive.link`, `archive.special`,
    `archive.duplicate` or `archive.encrypted`, naming the member.
    """
    with _opened(source) as stream:
        reader = _Reader(name or _name_of(source), limits or Limits(), _size(stream))
        reader.read(stream)
    tree = SourceTree(files=reader.resolved(), executable=frozenset(reader.executable))
    return _without_top(tree) if strip_top else tree


@dataclass(slots=True)
class _Reader:
    """What was read so far of one archive, and the checks on it."""

    archive: str
    limits: Limits
    compressed: int
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    executable: set[str] = field(default_factory=set)
    members: int = 0
    total: int = 0

    def read(self, stream: IO[bytes]) -> None:
        """Read all members, turning every library's own complaint into `AvrError`."""
        head = stream.read(512)
        stream.seek(0)
        try:
            if head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
                self._zip(stream)
            else:
                self._tar(_decompressed(head, stream, self.archive))
        except AvrError:
            raise
        except (*_BROKEN, *_UNSUPPORTED) as error:
            self.refuse("archive.broken", f"cannot be read: {error}")

    def resolved(self) -> dict[str, bytes]:
        """The files, with links to files replaced by copies."""
        files = dict(self.files)
        for path in self.links:
            target = self._target(path)
            if target in self.files:
                self.count(len(self.files[target]), path)
                files[path] = self.files[target]
                self.executable |= {path} if target in self.executable else set()
        return files

    def count(self, size: int, path: str) -> None:
        """Charge `size` decompressed bytes; raises `archive.bomb` beyond the limits."""
        self.total += size
        ratio = self.total > _RATIO_FROM and self.total > self.limits.ratio * max(1, self.compressed)
        if size > self.limits.member or self.total > self.limits.total or ratio:
            self.refuse("archive.bomb", f"member {path!r} brings it to {self.total} bytes from {self.compressed}")

    def refuse(self, code: str, what: str) -> NoReturn:
        """Raise `AvrError` about this archive."""
        refuse(code, self.archive, what)

    def _target(self, path: str) -> str:
        seen: set[str] = set()
        while path in self.links:
            if path in seen:
                self.refuse("archive.link", f"link {path!r} goes round in circles")
            seen.add(path)
            path = self.links[path]
        return path

    def _enter(self, raw: str) -> str:
        self.members += 1
        if self.members > self.limits.members:
            self.refuse("archive.bomb", f"has more than {self.limits.members} members")
        return safe_path(raw, self.archive, self.limits.path)

    def _folder(self, path: str) -> None:
        while path and path not in self.folders:
            if path in self.files or path in self.links:
                self.refuse("archive.duplicate", f"{path!r} is a file and a folder")
            self.folders.add(path)
            path = posixpath.dirname(path)

    def _file(self, path: str, data: bytes, mode: int) -> None:
        if not path or path in self.links or path in self.folders or self.files.get(path, data) != data:
            self.refuse("archive.duplicate", f"member {path!r} stands for two different things")
        self._folder(posixpath.dirname(path))
        self.files[path] = data
        if mode & 0o111:
            self.executable.add(path)

    def _link(self, path: str, target: str) -> None:
        clean = posixpath.normpath(target)
        if target.startswith("/") or clean.split("/")[0] == ".." or "\\" in target:
            self.refuse("archive.link", f"link {path!r} leads outside to {target!r}")
        if path in self.files or path in self.folders or self.links.get(path, clean) != clean:
            self.refuse("archive.duplicate", f"member {path!r} stands for two different things")
        self._folder(posixpath.dirname(path))
        self.links[path] = clean

    def _tar(self, stream: IO[bytes]) -> None:
        bounded = _Bounded(stream, self)
        with tarfile.open(fileobj=bounded, mode="r|", errorlevel=2) as tar:
            for member in tar:
                self._tar_member(tar, member)
        while bounded.read(_CHUNK):
            pass

    def _tar_member(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        path = self._enter(member.name)
        if member.isdir():
            self._folder(path)
        elif member.issym():
            self._link(path, posixpath.join(posixpath.dirname(path), member.linkname))
        elif member.islnk():
            self._link(path, member.linkname)
        elif not member.isreg() or member.issparse():
            self.refuse("archive.special", f"member {member.name!r} is a device or a special file")
        else:
            self._file(path, self._content(tar.extractfile(member), member.size, path), member.mode)

    def _zip(self, stream: IO[bytes]) -> None:
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                self._zip_member(archive, member)

    def _zip_member(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        path = self._enter(member.orig_filename)
        mode = member.external_attr >> 16
        if member.flag_bits & 1:
            self.refuse("archive.encrypted", f"member {path!r} is encrypted")
        if stat.S_IFMT(mode) in _DEVICES:
            self.refuse("archive.special", f"member {path!r} is a device or a special file")
        if member.is_dir():
            self._folder(path)
            return
        with archive.open(member) as content:
            data = self._content(content, member.file_size, path)
        self.count(len(data), path)
        if stat.S_ISLNK(mode):
            self._link(path, posixpath.join(posixpath.dirname(path), data.decode("utf-8", "surrogateescape")))
        else:
            self._file(path, data, mode)

    def _content(self, content: IO[bytes] | None, size: int, path: str) -> bytes:
        assert content is not None, "only regular members are read"
        if size > self.limits.member:
            self.refuse("archive.bomb", f"member {path!r} claims {size} bytes")
        data = content.read(self.limits.member + 1)
        if len(data) != size:
            self.refuse("archive.broken", f"member {path!r} has {len(data)} bytes where {size} are announced")
        return data


class _Bounded(io.RawIOBase):
    """A decompressing stream that charges every byte to the reader's limits."""

    def __init__(self, stream: IO[bytes], reader: _Reader) -> None:
        super().__init__()
        self._stream = stream
        self._reader = reader

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, _CHUNK) if size >= 0 else _CHUNK)
        self._reader.count(len(data), "(stream)")
        return data


def _decompressed(head: bytes, stream: IO[bytes], archive: str) -> IO[bytes]:
    if head[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if head[:3] == b"BZh":
        return bz2.BZ2File(stream)
    if head[:6] == b"\xfd7zXZ\x00":
        return lzma.LZMAFile(stream, format=lzma.FORMAT_XZ)
    if head[257:262] != b"ustar":
        refuse("archive.not-archive", archive, "is neither a tar archive (plain, gzip, bzip2, xz) nor a zip archive")
    return stream


def _opened(source: Path | bytes) -> IO[bytes]:
    try:
        return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        hint = "check that the file exists and can be read"
        raise AvrError("archive.unreadable", f"cannot open {str(source)!r}: {error.strerror}", hint=hint) from error


def _name_of(source: Path | bytes) -> str:
    return source.name if isinstance(source, Path) else "(bytes)"


def _size(stream: IO[bytes]) -> int:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return size


def _without_top(tree: SourceTree) -> SourceTree:
    tops = {path.split("/", 1)[0] for path in tree.files}
    if len(tops) != 1 or any("/" not in path for path in tree.files):
        return tree
    files = {path.split("/", 1)[1]: data for path, data in tree.files.items()}
    return SourceTree(files=files, executable=frozenset(path.split("/", 1)[1] for path in tree.executable))
