"""HTTP as registries want it: configured certificates and passwords, retries, bounded streams to disk."""

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util.retry import Retry

from avr.errors import AvrError
from avr.tools.blobs import disk_errors

_ATTEMPTS = 4
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How to connect: logins, certificates, proxies by URL scheme, seconds without an answer.

    `certificate` is a file of authorities, or True for the usual ones. `hint` is what to do when there is no usable
    answer.
    """

    hint: str
    auth: AuthBase | None = field(default=None, repr=False)
    certificate: str | Literal[True] = True
    client_certificate: str | tuple[str, str] | None = field(default=None, repr=False)
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 30.0


class Sessions:
    """One `requests.Session` per thread, all configured alike."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._local = threading.local()

    def get(self) -> requests.Session:
        """The session of the calling thread."""
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = _session(self.connection)
        assert isinstance(session, requests.Session)
        return session

    @property
    def timeout(self) -> tuple[float, float]:
        """Seconds to connect and seconds between two reads."""
        return (min(10.0, self.connection.timeout), self.connection.timeout)

    def unreachable(self, url: str, error: object) -> AvrError:
        """The registry gives no answer, or not one that can be used."""
        message = f"no usable answer from {redact(url)!r}: {redact_all(error)}"
        return AvrError("registry.unreachable", message, hint=self.connection.hint)


def redact(url: str) -> str:
    """The URL without user name and password, fit for logs, messages and artifacts."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


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
            raise sessions.unreachable(url, error) from error
        except requests.RequestException as error:
            if attempt == _ATTEMPTS:
                raise sessions.unreachable(url, error) from error
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


def _session(connection: Connection) -> requests.Session:
    session = requests.Session()
    retry = Retry(
        total=_ATTEMPTS, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    session.headers["User-Agent"] = "avr-factory"
    session.auth = connection.auth
    if connection.certificate is not True:
        session.verify = connection.certificate
    if connection.client_certificate:
        session.cert = connection.client_certificate
    if connection.proxies:
        session.proxies = dict(connection.proxies)
    return session
