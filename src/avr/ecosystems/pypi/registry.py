"""The package index: releases and files of a package, listings and downloads kept in the cache.

Listings follow the Simple Repository API (PEP 503, 691, 700). The files of several indexes are merged as pip does it;
of two files with one name the index named first wins.
"""

import hashlib
import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from packaging.utils import canonicalize_name
from packaging.version import Version
from pypi_simple import DistributionPackage, NoSuchProjectError, ProjectPage, PyPISimple
from pypi_simple.errors import (
    UnexpectedRepoVersionWarning,
    UnparsableFilenameError,
    UnsupportedContentTypeError,
    UnsupportedRepoVersionError,
)
from pypi_simple.filenames import parse_filename

from avr.ecosystems.interface import FileKind, RegistryFile, RegistryRelease
from avr.ecosystems.pypi import versions
from avr.ecosystems.pypi.index_config import IndexConfig
from avr.ecosystems.pypi.session import sessions
from avr.errors import AvrError
from avr.model.identifiers import Digest
from avr.tools.blobs import disk_errors, write_atomically
from avr.tools.http import redact, redact_all, stream_to

FILE_BYTES = 512 << 20
"""The largest file that is downloaded."""
LISTING_SECONDS = 900.0
"""How long a listing is used before the index is asked again."""

_log = logging.getLogger(__name__)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_FILENAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+!-]{0,250}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_BAD_ANSWER = (UnsupportedContentTypeError, UnsupportedRepoVersionError, UnexpectedRepoVersionWarning, ValueError)


class PyPIRegistry:
    """The configured indexes and folders; may be used from several threads at once.

    A listing younger than `LISTING_SECONDS` is taken from the cache; an older one only when the index is unreachable.
    """

    def __init__(self, cache: Path, config: IndexConfig, *, clock: Callable[[], float] = time.time) -> None:
        self.cache = cache
        self.config = config
        self._clock = clock
        self._sessions = sessions(config)

    def releases(self, package: str) -> Sequence[RegistryRelease]:
        """All releases with a wheel or a source archive, oldest first; names that are no PEP 440 versions are left out.

        Raises `AvrError` `registry.unknown-package` or `registry.unreachable`.
        """
        if not _NAME.match(package):
            raise _unknown(package)
        name = canonicalize_name(package)
        files = {each.filename: each for each in (*self._local(name), *reversed(self._listing(name)))}
        found = _grouped(files.values(), name)
        if not found:
            raise _unknown(package)
        return found

    def download(self, file: RegistryFile) -> Path:
        """The file's path in the cache, fetched where it is not there yet; its digest is checked every time.

        Raises `AvrError` `registry.digest`, `registry.unreachable`, `registry.too-large` or `store.disk-full`.
        """
        if not _FILENAME.match(file.filename):
            raise _damaged(file, "its name is not a plain file name")
        key = file.sha256 or "url-" + hashlib.sha256(file.url.encode()).hexdigest()
        target = self.cache / "files" / key[:2] / key / file.filename
        if target.is_file() and file.sha256 in (None, _digest(target)):
            return target
        part, digest = self._fetch(file, target.parent)
        if file.sha256 not in (None, digest):
            part.unlink(missing_ok=True)
            raise _damaged(file, f"SHA-256 is {digest} where the index announces {file.sha256}")
        part.replace(target)
        return target

    def _fetch(self, file: RegistryFile, folder: Path) -> tuple[Path, str]:
        parts = urlsplit(file.url)
        if parts.scheme in {"http", "https"}:
            return stream_to(self._sessions, file.url, folder, FILE_BYTES)
        source = Path(unquote(parts.path))
        if parts.scheme != "file" or not any(source.is_relative_to(each) for each in self._folders()):
            raise _damaged(file, f"its address {redact(file.url)!r} is neither HTTP nor in a configured folder")
        try:
            data = source.read_bytes()
        except OSError as error:
            raise self._sessions.unreachable(file.url, error.strerror) from error
        part = folder / f".part-{file.filename}"
        write_atomically(part, data)
        return part, hashlib.sha256(data).hexdigest()

    def _listing(self, name: str) -> list[RegistryFile]:
        place = self.cache / "listings" / self._sources() / f"{name}.json"
        kept = _kept(place)
        if kept and 0 <= self._clock() - kept[0] < LISTING_SECONDS:
            return kept[1]
        try:
            files = [each for page in self._pages(name) for each in _files(page, name)]
        except AvrError as error:
            if kept is None:
                raise
            _log.warning("%s; the listing of %s from the cache is used", error.message, name)
            return kept[1]
        with disk_errors(place):
            write_atomically(place, json.dumps([self._clock(), [_to_json(each) for each in files]]).encode())
        return files

    def _pages(self, name: str) -> Iterator[ProjectPage]:
        for url in self.config.urls:
            client = PyPISimple(redact(url), session=self._sessions.get())
            try:
                yield client.get_project_page(name, timeout=self._sessions.timeout)
            except NoSuchProjectError:
                continue
            except (requests.RequestException, *_BAD_ANSWER) as error:
                raise self._sessions.unreachable(url, error) from error
        for url in self.config.find_links:
            if url.startswith(("http://", "https://")):
                yield self._page_of_links(redact(url), name)

    def _page_of_links(self, url: str, name: str) -> ProjectPage:
        try:
            response = self._sessions.get().get(url, timeout=self._sessions.timeout)
            response.raise_for_status()
            return ProjectPage.from_response(response, name)
        except (requests.RequestException, *_BAD_ANSWER) as error:
            raise self._sessions.unreachable(url, redact_all(error)) from error

    def _folders(self) -> list[Path]:
        links = [each for each in self.config.find_links if not each.startswith(("http://", "https://"))]
        return [Path(unquote(urlsplit(each).path) if each.startswith("file:") else each).resolve() for each in links]

    def _local(self, name: str) -> Iterator[RegistryFile]:
        for folder in self._folders():
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                kind = _kind(path.name, name)
                if kind and path.is_file():
                    yield RegistryFile(filename=path.name, kind=kind, url=path.as_uri(), sha256=_digest(path))

    def _sources(self) -> str:
        named = "\n".join(redact(url) for url in (*self.config.urls, *self.config.find_links))
        return hashlib.sha256(named.encode()).hexdigest()[:16]


def _files(page: ProjectPage, name: str) -> Iterator[RegistryFile]:
    for each in page.packages:
        kind = _kind(each.filename, name)
        if kind is not None and each.url.startswith(("http://", "https://")):
            yield _file(each, kind)


def _file(package: DistributionPackage, kind: FileKind) -> RegistryFile:
    sha256 = package.digests.get("sha256", "").lower()
    return RegistryFile(
        filename=package.filename,
        kind=kind,
        url=redact(package.url),
        sha256=Digest(sha256) if _SHA256.match(sha256) else None,
        uploaded=package.upload_time,
        requires_python=package.requires_python,
        yanked=package.is_yanked,
    )


def _kind(filename: str, name: str) -> FileKind | None:
    """The kind of a file that belongs to the package `name` and has a PEP 440 version; None for all others."""
    try:
        project, version, kind = parse_filename(filename, project_hint=name)
    except UnparsableFilenameError:
        return None
    if canonicalize_name(project) != name or versions.parse(version) is None or not _FILENAME.match(filename):
        return None
    return {"wheel": FileKind.WHEEL, "sdist": FileKind.SDIST}.get(kind)


def _grouped(files: Iterable[RegistryFile], name: str) -> tuple[RegistryRelease, ...]:
    groups: dict[Version, list[RegistryFile]] = {}
    for each in files:
        _, version, _ = parse_filename(each.filename, project_hint=name)
        groups.setdefault(Version(version), []).append(each)
    return tuple(
        RegistryRelease(version=str(version), files=tuple(sorted(groups[version], key=lambda each: each.filename)))
        for version in sorted(groups)
    )


def _kept(place: Path) -> tuple[float, list[RegistryFile]] | None:
    try:
        when, files = json.loads(place.read_bytes())
        return float(when), [_from_json(each) for each in files]
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _to_json(file: RegistryFile) -> dict[str, Any]:
    uploaded = file.uploaded.isoformat() if file.uploaded else None
    return {
        "filename": file.filename,
        "kind": file.kind.value,
        "url": file.url,
        "sha256": file.sha256,
        "uploaded": uploaded,
        "requires_python": file.requires_python,
        "yanked": file.yanked,
    }


def _from_json(data: dict[str, Any]) -> RegistryFile:
    uploaded = datetime.fromisoformat(data["uploaded"]) if data["uploaded"] else None
    return RegistryFile(**{**data, "kind": FileKind(data["kind"]), "uploaded": uploaded})


def _digest(path: Path) -> Digest:
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").hexdigest())


def _unknown(package: str) -> AvrError:
    hint = "check the spelling, and that pip or uv is configured for the index that has it (pip config list)"
    return AvrError("registry.unknown-package", f"no index has a package named {package!r}", hint=hint)


def _damaged(file: RegistryFile, why: str) -> AvrError:
    hint = "it was not used; try again, and if this persists ask whoever runs the index"
    return AvrError("registry.digest", f"the file {file.filename!r} of the index is refused: {why}", hint=hint)
