"""Reads npm's lock files, `package-lock.json` and `npm-shrinkwrap.json`, of lockfileVersion 1, 2 and 3.

https://docs.npmjs.com/cli/configuring-npm/package-lock-json; nothing is fetched and nothing is run. Every instance of
a package counts, however deep it is nested; the same version at several places is one component with several locations.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from avr.ecosystems import schemes
from avr.errors import UsageError
from avr.model.component import Component, Inventory, Location, Unresolved
from avr.model.identifiers import EcosystemName

SIZE_LIMIT = 128 << 20
"""The largest lock file that is read, in bytes."""
_DEPTH_LIMIT = 200
_VERSIONS = (1, 2, 3)
_NAME = re.compile(r"(?:@[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)?[A-Za-z0-9_~-][A-Za-z0-9._~-]*\Z")
_GIT = re.compile(r"git(?:\+\w+)?:|github:|gitlab:|bitbucket:")
_LINKED = re.compile(r"file:|link:|workspace:")
OURS = re.compile(r"file:(?:.*/)?[^/]*?-(?P<version>\d+\.\d+\.\d+[^/]*[-.]avr\.\d+)\.tgz\Z")
"""Where a patched release of ours lies, as lock files name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One package at one place of the tree, as the lock file says it.

    `place` is its key, for version 1 the one that it would have in versions 2 and 3: `node_modules/a/node_modules/b`.
    `name` is the package's own where the folder bears an alias. `bundled` lies inside the tarball of another package.
    """

    place: str
    name: str
    version: str
    resolved: str
    integrity: str
    link: bool
    bundled: bool

    @property
    def patched(self) -> str | None:
        """Our version where the place is taken by a patched release, such as `4.17.15-avr.1`; else None."""
        match = OURS.match(unquote(self.resolved))
        base = schemes.of(EcosystemName.NPM).revision(match["version"])[0] if match else None
        return match["version"] if match and base == self.version else None


def read(path: Path) -> Inventory:
    """The packages that a lock file pins, by name and version; what is no registry's package is unresolved.

    Raises `UsageError` `lock.unreadable`, `lock.size` or `lock.version`.
    """
    text = _text(path)
    gathered = _Gathered(path=str(path), text=text)
    for each in instances(document(text, str(path))):
        gathered.take(each)
    components = gathered.components
    return Inventory(
        target=str(path),
        components=tuple(components[key] for key in sorted(components)),
        unresolved=tuple(gathered.unresolved),
    )


def document(text: str, path: str) -> Mapping[str, Any]:
    """The lock file as JSON; raises `UsageError` `lock.unreadable` or `lock.version`."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, f"it is no JSON: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("lockfileVersion"), int):
        raise _unreadable(path, "it is no lock file of npm: it names no lockfileVersion")
    if content["lockfileVersion"] not in _VERSIONS:
        raise UsageError(
            "lock.version",
            f"{path!r} is of lockfileVersion {content['lockfileVersion']}, known are 1, 2 and 3",
            hint="make it with npm 11 or older: npm install --package-lock-only --lockfile-version 3",
        )
    for key in ("packages", "dependencies"):
        if not isinstance(content.get(key, {}), dict):
            raise _unreadable(path, f"its {key!r} is no object")
    return content


def instances(content: Mapping[str, Any]) -> Iterator[Instance]:
    """Every package of a lock file except the project itself and its workspaces."""
    if "packages" in content:
        for place, entry in content["packages"].items():
            if "node_modules/" in place and isinstance(entry, dict):
                yield _of_packages(place, entry)
    else:
        yield from _of_dependencies(content.get("dependencies", {}), "", 0)


def _of_packages(place: str, entry: Mapping[str, Any]) -> Instance:
    return Instance(
        place=place,
        name=str(entry.get("name") or place.rpartition("node_modules/")[2]),
        version=str(entry.get("version") or ""),
        resolved=str(entry.get("resolved") or ""),
        integrity=str(entry.get("integrity") or ""),
        link=bool(entry.get("link")),
        bundled=bool(entry.get("inBundle")),
    )


def _of_dependencies(entries: Mapping[str, Any], inside: str, depth: int) -> Iterator[Instance]:
    """Version 1: nested objects, where `version` also holds aliases and whatever is no version."""
    for folder, entry in entries.items():
        if not isinstance(entry, dict) or depth > _DEPTH_LIMIT:
            continue
        place = f"{inside}node_modules/{folder}"
        said = str(entry.get("version") or "")
        alias, _, version = said.removeprefix("npm:").rpartition("@") if said.startswith("npm:") else ("", "", said)
        ours = OURS.match(unquote(said))
        elsewhere = bool(_GIT.match(said) or _LINKED.match(said) or "://" in said)
        yield Instance(
            place=place,
            name=alias or folder,
            version=schemes.of(EcosystemName.NPM).public(ours["version"]) if ours else "" if elsewhere else version,
            resolved=said if elsewhere else str(entry.get("resolved") or ""),
            integrity=str(entry.get("integrity") or ""),
            link=said.startswith("file:") and not said.endswith((".tgz", ".tar.gz")),
            bundled=bool(entry.get("bundled")),
        )
        nested = entry.get("dependencies")
        if isinstance(nested, dict):
            yield from _of_dependencies(nested, f"{place}/", depth + 1)


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What was read so far."""

    path: str
    text: str
    components: dict[tuple[str, str], Component] = field(default_factory=dict)
    unresolved: list[Unresolved] = field(default_factory=list)

    def take(self, instance: Instance) -> None:
        """Count one instance."""
        location = Location(path=self.path, line=self._line(instance.place))
        why = _why_not(instance)
        if why is not None:
            text = f"{instance.place} {instance.resolved or instance.version}".strip()
            self.unresolved.append(Unresolved(text=_printable(text), code=why[0], why=why[1], location=location))
            return
        version = instance.patched or instance.version
        hashes = (instance.integrity,) if instance.integrity and not instance.patched else ()
        known = self.components.get((instance.name, version))
        self.components[(instance.name, version)] = Component(
            ecosystem=EcosystemName.NPM,
            name=instance.name,
            version=version,
            locations=(*(known.locations if known else ()), location),
            hashes=tuple(sorted({*(known.hashes if known else ()), *hashes})),
        )

    def _line(self, place: str) -> int | None:
        at = self.text.find(f"{json.dumps(place, ensure_ascii=False)}: {{")
        return self.text.count("\n", 0, at) + 1 if at >= 0 else None


def _why_not(instance: Instance) -> tuple[str, str] | None:
    """Why an instance is no package of a registry at an exact version: a code and words; None where it is one."""
    resolved = instance.resolved
    if instance.link:
        return "lock.link", "it is a folder of yours, a workspace or a file dependency"
    if _GIT.match(resolved):
        return "lock.git", "it comes from git, no registry has it"
    if resolved.startswith("file:") and not instance.patched:
        return "lock.file", "it comes from a file of yours, no registry has it"
    if not _NAME.match(instance.name):
        return "lock.name", "it has no name that a package can have"
    if schemes.of(EcosystemName.NPM).parse(instance.version) is None:
        return "lock.pin", f"{instance.version!r} is no exact version"
    return None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise UsageError("lock.size", f"{str(path)!r} is larger than {SIZE_LIMIT} bytes")
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(str(path), str(error)) from error


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:300]


def _unreadable(path: str, why: str) -> UsageError:
    hint = "name a package-lock.json or npm-shrinkwrap.json; npm install --package-lock-only makes one"
    return UsageError("lock.unreadable", f"cannot read {path!r}: {why}", hint=hint)
