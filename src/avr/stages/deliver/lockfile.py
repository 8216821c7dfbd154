"""Turns npm's lock file towards the patched tarballs; writes nothing itself.

An entry keeps its version, so that every range that held it still does, and gets a new place and a new digest:
`resolved` names the tarball by a path relative to the lock file, `integrity` is its own. docs/decisions/0019 tells why.
"""

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from avr.ecosystems import schemes
from avr.errors import AvrError
from avr.inventory import npm_lock
from avr.model.release import Release

_INDENT = re.compile(r"\n([ \t]+)\"")
_UNTOLD = "%/@+,:=&$!~*'() "


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """New contents by real path, and remarks for the person who asked for it."""

    contents: Mapping[Path, bytes]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replacement:
    """What takes the place of one pinned version: its tarball as the lock file names it, and the digest."""

    resolved: str
    integrity: str


def redirect(path: Path, releases: Iterable[Release], out: Path) -> Rewrite:
    """The new content of the lock file at `path`; the releases' tarballs lie in the output folder `out`.

    Raises `AvrError` `lock.unreadable` where the file cannot be read any more.
    """
    real = path.resolve()
    try:
        text = real.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read {str(path)!r}: {error}"
        raise AvrError("lock.unreadable", message, hint="nothing was rewritten") from error
    wanted = {key: new for release in releases for key, new in _replacements(release, out, real.parent)}
    content = npm_lock.document(text, str(path))
    notes = [
        f"{each.place} lies inside the tarball of another package and stays as it is: {each.name} {each.version}"
        for each in npm_lock.instances(content)
        if each.bundled and (each.name, each.version) in wanted
    ]
    changed = _packages(content.get("packages", {}), wanted) + _dependencies(content.get("dependencies", {}), wanted)
    contents = {real: _written(content, text)} if changed else {}
    return Rewrite(contents=contents, notes=tuple(notes))


def _replacements(release: Release, out: Path, root: Path) -> Iterator[tuple[tuple[str, str], _Replacement]]:
    base = schemes.of(release.component.ecosystem).revision(release.component.version)[0]
    for artifact in release.artifacts:
        if artifact.role == "tarball":
            tarball = (out / artifact.path).resolve()
            relative = Path(os.path.relpath(tarball, root)).as_posix()
            digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
            new = _Replacement(resolved=f"file:{quote(relative, safe=_UNTOLD)}", integrity=f"sha512-{digest}")
            yield (release.component.name, base), new


def _packages(entries: dict[str, Any], wanted: Mapping[tuple[str, str], _Replacement]) -> int:
    """Change entries of versions 2 and 3; how many were."""
    changed = 0
    for place, entry in entries.items():
        if "node_modules/" not in place or not isinstance(entry, dict) or entry.get("link") or entry.get("inBundle"):
            continue
        name = entry.get("name") or place.rpartition("node_modules/")[2]
        new = wanted.get((str(name), str(entry.get("version"))))
        if new is not None:
            entries[place] = _turned(entry, new)
            changed += 1
    return changed


def _dependencies(entries: dict[str, Any], wanted: Mapping[tuple[str, str], _Replacement]) -> int:
    """Change entries of version 1, which version 2 has as well; how many were."""
    changed = 0
    for folder, entry in entries.items():
        if not isinstance(entry, dict):
            continue
        if isinstance(entry.get("dependencies"), dict):
            changed += _dependencies(entry["dependencies"], wanted)
        said = str(entry.get("version"))
        alias, _, version = said.removeprefix("npm:").rpartition("@") if said.startswith("npm:") else ("", "", said)
        new = wanted.get((alias or folder, version))
        if new is None and said.startswith("file:"):
            match = npm_lock.OURS.match(said)
            new = wanted.get((folder, schemes.of("npm").public(match["version"]))) if match else None
        if new is not None and not entry.get("bundled"):
            entries[folder] = _turned(entry, new)
            changed += 1
    return changed


def _turned(entry: Mapping[str, Any], new: _Replacement) -> dict[str, Any]:
    """The entry with its new place and digest where the old ones stood, else after the version."""
    turned: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in ("resolved", "integrity"):
            turned[key] = value
        if key == "version":
            turned |= {"resolved": new.resolved, "integrity": new.integrity}
    return turned


def _written(content: Mapping[str, Any], text: str) -> bytes:
    """The lock file as npm writes it, in the indentation and with the line ends that it had."""
    match = _INDENT.search(text)
    written = json.dumps(content, indent=match[1] if match else None, ensure_ascii=False)
    written += "\n" if text.endswith("\n") else ""
    return written.replace("\n", "\r\n").encode() if "\r\n" in text else written.encode()
