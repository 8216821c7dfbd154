"""Reads what is installed in a virtual environment or a site-packages folder, without running any of it."""

import importlib.metadata
import json
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from avr.errors import UsageError
from avr.model.component import Component, Inventory, Location, Unresolved
from avr.model.identifiers import EcosystemName


def looks_like(path: Path) -> bool:
    """Whether a folder is a virtual environment or holds installed distributions."""
    return bool(_site_packages(path))


def read(path: Path) -> Inventory:
    """The installed distributions of a virtual environment or site-packages folder, by name.

    A distribution whose metadata is broken, or that is an editable install, is reported as unresolved. Raises
    `UsageError` when the folder is no environment.
    """
    folders = _site_packages(path)
    if not folders:
        raise UsageError(
            "environment.none",
            f"{str(path)!r} is no Python environment",
            hint="name a virtual environment (it holds pyvenv.cfg) or a site-packages folder",
        )
    found = [_judge(each) for each in _distributions(folders)]
    components = {(each.name, each.version): each for each in found if isinstance(each, Component)}
    unresolved = [each for each in found if isinstance(each, Unresolved)]
    return Inventory(
        target=str(path),
        components=tuple(components[key] for key in sorted(components)),
        unresolved=tuple(sorted(unresolved, key=lambda each: each.location.path)),
    )


def _site_packages(path: Path) -> list[Path]:
    if (path / "pyvenv.cfg").is_file():
        candidates = [*path.glob("lib*/python*/site-packages"), path / "Lib" / "site-packages"]
        return sorted({each.resolve() for each in candidates if each.is_dir()})
    if path.name in {"site-packages", "dist-packages"} and path.is_dir():
        return [path]
    return [path] if path.is_dir() and any(path.glob("*.dist-info")) else []


def _distributions(folders: Iterable[Path]) -> Iterable[importlib.metadata.Distribution]:
    return importlib.metadata.distributions(path=[str(each) for each in folders])


def _judge(distribution: importlib.metadata.Distribution) -> Component | Unresolved:
    location = Location(path=str(distribution.locate_file("")))
    try:
        metadata = distribution.metadata
        name, version = metadata["Name"], metadata["Version"]
        direct = distribution.read_text("direct_url.json")
    except (OSError, UnicodeError) as error:
        return Unresolved(text="?", code="environment.metadata", why=f"unreadable: {error}", location=location)
    if not name or not version:
        why = "its metadata names no package or no version"
        return Unresolved(text=name or "?", code="environment.metadata", why=why, location=location)
    if _editable(direct):
        why = "an editable install is a working copy, not a release of the registry"
        return Unresolved(text=f"{name} {version}", code="environment.editable", why=why, location=location)
    try:
        normal = str(Version(version))
    except InvalidVersion:
        why = f"{version!r} is no version by PEP 440"
        return Unresolved(text=f"{name} {version}", code="environment.version", why=why, location=location)
    return Component(ecosystem=EcosystemName.PYPI, name=canonicalize_name(name), version=normal, locations=(location,))


def _editable(direct_url: str | None) -> bool:
    """Whether PEP 610's direct_url.json tells of an editable install."""
    try:
        record = json.loads(direct_url) if direct_url else {}
    except ValueError:
        return False
    info = record.get("dir_info") if isinstance(record, dict) else None
    return isinstance(info, dict) and info.get("editable") is True
