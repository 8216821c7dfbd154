"""The registries of npm: releases of a package, listings and tarballs kept in the cache.

Listings are packuments (https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md), in full since only these tell
when a release was uploaded.
"""

import hashlib
import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import TypeAdapter, ValidationError

from avr.ecosystems.interface import FileKind, RegistryFile, RegistryRelease
from avr.ecosystems.npm import integrity, versions
from avr.ecosystems.npm.npm_config import NpmConfig
from avr.errors import AvrError
from avr.tools.blobs import disk_errors, write_atomically
from avr.tools.http import Sessions, redact, stream_to

FILE_BYTES = 512 << 20
"""The largest tarball that is downloaded."""
LISTING_BYTES = 256 << 20
"""The largest listing that is read."""
LISTING_SECONDS = 900.0
"""How long a listing is used before the registry is asked again whether it has changed."""

_log = logging.getLogger(__name__)
_NAME = re.compile(r"(?:@[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)?[A-Za-z0-9_~-][A-Za-z0-9._~-]*\Z")
_LONGEST_NAME = 214


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """A package's releases as they were at a time (seconds since 1970), and the tag that asks for news."""

    when: float
    etag: str
    releases: tuple[RegistryRelease, ...]


_LISTING = TypeAdapter(_Listing)


class NpmRegistry:
    """The configured registries; may be used from several threads at once.

    A listing younger than `LISTING_SECONDS` is taken from the cache; an older one is asked for again by its tag, and
    used as it is only when the registry is unreachable.
    """

    def __init__(self, cache: Path, config: NpmConfig, *, clock: Callable[[], float] = time.time) -> None:
        self.cache = cache / "npm"
        self.config = config
        self._clock = clock
        self._sessions = Sessions(config.connection())

    def releases(self, package: str) -> Sequence[RegistryRelease]:
        """All releases with a tarball, oldest version first; what is no semantic version is left out.

        Raises `AvrError` `registry.unknown-package` or `registry.unreachable`.
        """
        if not _NAME.match(package) or len(package) > _LONGEST_NAME:
            raise _unknown(package, "it is no name of a package")
        url = f"{self.config.registry_of(package)}/{package.replace('/', '%2F')}"
        place = self.cache / "listings" / f"{hashlib.sha256(redact(url).encode()).hexdigest()}.json"
        kept = _kept(place)
        if kept is None or not 0 <= self._clock() - kept.when < LISTING_SECONDS:
            kept = self._renewed(package, url, kept)
            with disk_errors(place):
                write_atomically(place, _LISTING.dump_json(kept))
        if not kept.releases:
            raise _unknown(package, "the registry lists no version of it (it may have been unpublished)")
        return kept.releases

    def download(self, file: RegistryFile) -> Path:
        """The tarball's path in the cache, fetched where it is not there yet; its digest is checked every time.

        Raises `AvrError` `registry.digest`, `registry.unreachable`, `registry.too-large` or `store.disk-full`.
        """
        if file.integrity is None:
            raise _damaged(file, "the registry announces no digest")
        key = hashlib.sha256(file.integrity.encode()).hexdigest()
        target = self.cache / "files" / key[:2] / key / file.filename
        if target.is_file() and integrity.matches(target, file.integrity):
            return target
        part, _ = stream_to(self._sessions, file.url, target.parent, FILE_BYTES)
        if not integrity.matches(part, file.integrity):
            found = integrity.of(part, file.integrity.partition("-")[0])
            part.unlink(missing_ok=True)
            raise _damaged(file, f"its digest is {found} where the registry announces {file.integrity}")
        part.replace(target)
        return target

    def _renewed(self, package: str, url: str, kept: _Listing | None) -> _Listing:
        try:
            return self._asked(package, url, kept)
        except AvrError as error:
            if kept is None or error.code != "registry.unreachable":
                raise
            _log.warning("%s; the listing of %s from the cache is used", error.message, package)
            return kept

    def _asked(self, package: str, url: str, kept: _Listing | None) -> _Listing:
        headers = {"Accept": "application/json", **({"If-None-Match": kept.etag} if kept and kept.etag else {})}
        session = self._sessions.get()
        try:
            with session.get(url, timeout=self._sessions.timeout, headers=headers, stream=True) as response:
                if kept is not None and response.status_code == requests.codes.not_modified:
                    return _Listing(when=self._clock(), etag=kept.etag, releases=kept.releases)
                if response.status_code in (requests.codes.not_found, requests.codes.gone):
                    raise _unknown(package, f"{redact(self.config.registry_of(package))} does not have it")
                response.raise_for_status()
                etag = response.headers.get("ETag", "")
                found = tuple(_releases(package, json.loads(_bounded(response))))
        except (requests.RequestException, ValueError, AttributeError, TypeError) as error:
            raise self._sessions.unreachable(url, error) from error
        return _Listing(when=self._clock(), etag=etag, releases=found)


def _releases(package: str, packument: dict[str, Any]) -> Iterator[RegistryRelease]:
    listed, times = packument.get("versions") or {}, packument.get("time") or {}
    for version in versions.ordered(listed):
        dist = listed[version].get("dist") or {}
        url = str(dist.get("tarball") or "")
        if urlsplit(url).scheme in ("http", "https"):
            file = RegistryFile(
                filename=f"{package.rpartition('/')[2]}-{version}.tgz",
                kind=FileKind.TARBALL,
                url=redact(url),
                integrity=integrity.strongest(dist),
                uploaded=_time(times.get(version)),
            )
            yield RegistryRelease(version=version, files=(file,))


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _bounded(response: requests.Response) -> bytes:
    data = bytearray()
    for chunk in response.iter_content(1 << 18):
        data += chunk
        if len(data) > LISTING_BYTES:
            message = f"the listing at {redact(response.url)!r} exceeds {LISTING_BYTES} bytes"
            raise AvrError("registry.too-large", message, hint="ask whoever runs the registry")
    return bytes(data)


def _kept(place: Path) -> _Listing | None:
    try:
        return _LISTING.validate_json(place.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _unknown(package: str, why: str) -> AvrError:
    hint = "check the spelling, and the registry and scopes that npm is configured for (npm config list)"
    return AvrError("registry.unknown-package", f"no package {package!r}: {why}", hint=hint)


def _damaged(file: RegistryFile, why: str) -> AvrError:
    hint = "it was not used; try again, and if this persists ask whoever runs the registry"
    return AvrError("registry.digest", f"the file {file.filename!r} of the registry is refused: {why}", hint=hint)
