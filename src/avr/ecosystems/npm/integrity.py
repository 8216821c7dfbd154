"""Digests of tarballs as npm writes them: Subresource Integrity, https://www.w3.org/TR/SRI/, and SHA-1 `shasum`s."""

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FORM = re.compile(r"(sha512|sha384|sha256|sha1)-([A-Za-z0-9+/]+={0,2})(?:\?\S*)?\Z")
_ORDER = ("sha1", "sha256", "sha384", "sha512")
_SHASUM = re.compile(r"[0-9a-f]{40}\Z")


def strongest(dist: Mapping[str, Any]) -> str | None:
    """The strongest digest of a release's `dist`, as `<algorithm>-<base64>`; None where it has none."""
    words = str(dist.get("integrity") or "").split()
    found = [match[1] + "-" + match[2] for word in words if (match := _FORM.match(word)) and _sound(*match.groups())]
    shasum = str(dist.get("shasum") or "")
    if _SHASUM.match(shasum):
        found.append("sha1-" + base64.b64encode(bytes.fromhex(shasum)).decode())
    return max(found, key=lambda each: _ORDER.index(each.partition("-")[0]), default=None)


def of(path: Path, algorithm: str = "sha512") -> str:
    """The digest of a file's content in the same form."""
    with path.open("rb") as file:
        return f"{algorithm}-{base64.b64encode(hashlib.file_digest(file, algorithm).digest()).decode()}"


def matches(path: Path, integrity: str) -> bool:
    """Whether the file has this digest."""
    return of(path, integrity.partition("-")[0]) == integrity


def _sound(algorithm: str, text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == hashlib.new(algorithm).digest_size
    except ValueError:
        return False
