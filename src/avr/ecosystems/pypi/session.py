"""HTTP as the package index wants it: configured certificates and passwords, retries, bounded streams to disk."""

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, _basic_auth_str
from requests.utils import get_netrc_auth
from urllib3.util.retry import Retry

from avr.ecosystems.pypi.index_config import IndexConfig, redact
from avr.errors import AvrError
from avr.tools.blobs import disk_errors

_ATTEMPTS = 4
_CHUNK = 1 << 18


class Sessions:
    """One `requests.Session` per thread, all configured alike."""

    def __init__(self, config: IndexConfig) -> None:
        self._config = config
        self._local = threading.local()

    def get(self) -> requests.Session:
        """The session of the calling thread."""
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = _session(self._config)
        assert isinstance(session, requests.Session)
        return session

    @property
    def timeout(self) -> tuple[float, float]:
        """Seconds to connect and seconds between two reads."""
        return (min(10.0, self._config.timeout), self._config.timeout)


def unreachable(url: str, error: object) -> AvrError:
    """The package index gives no answer, or not one that can be used."""
    hint = "check the network and the index that pip or uv is configured for (pip config list); then run this again"
    return AvrError("registry.unreachable", f"no usable answer from {redact(url)!r}: {redact_all(error)}", hint=hint)


def redact_all(error: object) -> str:
    """The error's text with every URL in it redacted."""
    return " ".join(redact(word) if "://" in word and "@" in word else word for word in str(error).split(" "))


def stream_to(
    sessions: Sessions, url: str, folder: Path, most: int, pause: Callable[[float], None] = time.sleep
) -> tuple[Path, str]:
    """Fetch `url` into a new file of `folder` and return it with its SHA-256; a broken connection is resumed.

    Raises `AvrError` `registry.unreachable`, `registry.too-large` (more than `most` bytes) or `store.disk-full`.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".part-")
        os.close(handle)
    part = Path(name)
    try:
        with disk_errors(part):
            _attempts(sessions, url, part, most, pause)
        with part.open("rb") as file:
            return part, hashlib.file_digest(file, "sha256").hexdigest()
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _attempts(sessions: Sessions, url: str, part: Path, most: int, pause: Callable[[float], None]) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _append(sessions, url, part, most)
        except requests.HTTPError as error:
            raise unreachable(url, error) from error
        except requests.RequestException as error:
            if attempt == _ATTEMPTS:
                raise unreachable(url, error) from error
            pause(0.5 * 2**attempt)
        else:
            return


def _append(sessions: Sessions, url: str, part: Path, most: int) -> None:
    start = part.stat().st_size
    headers: Mapping[str, str] = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
    with sessions.get().get(url, stream=True, timeout=sessions.timeout, headers=headers) as response:
        response.raise_for_status()
        resumed = response.status_code == requests.codes.partial
        with part.open("ab" if resumed else "wb") as file:
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                if file.tell() > most:
                    hint = "no release of a library should be that large; look at it before you trust it"
                    raise AvrError("registry.too-large", f"{redact(url)!r} exceeds {most} bytes", hint=hint)


class _IndexAuth(AuthBase):
    """The passwords that index URLs carry, for their own hosts only; netrc for all others."""

    def __init__(self, config: IndexConfig) -> None:
        parts = [urlsplit(url) for url in (*config.urls, *config.find_links) if "@" in url]
        self._known = {
            each.netloc.rpartition("@")[2]: (unquote(each.username or ""), unquote(each.password or ""))
            for each in parts
        }

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        url = request.url or ""
        login = self._known.get(urlsplit(url).netloc.rpartition("@")[2]) or get_netrc_auth(url)
        if login is not None:
            request.headers["Authorization"] = _basic_auth_str(*login)
        return request


def _session(config: IndexConfig) -> requests.Session:
    session = requests.Session()
    retry = Retry(
        total=_ATTEMPTS, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    session.headers["User-Agent"] = "avr-factory"
    session.auth = _IndexAuth(config)
    if config.certificate:
        session.verify = config.certificate
    if config.client_certificate:
        session.cert = config.client_certificate
    if config.proxy:
        session.proxies = {"http": config.proxy, "https": config.proxy}
    return session
