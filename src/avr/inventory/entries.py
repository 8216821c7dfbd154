"""Judges one entry of a requirements file: pinned, open, or nothing that can be looked up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from avr.model.component import Location, Unresolved

if TYPE_CHECKING:
    from pip_requirements_parser import InstallRequirement, InvalidRequirementLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One logical line of a requirements file, in our words."""

    text: str
    location: Location
    is_constraint: bool
    name: str | None = None
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    marker: Marker | None = None
    hashes: tuple[str, ...] = ()
    link: str | None = None
    editable: bool = False
    vcs: bool = False
    error: str | None = None

    @classmethod
    def of_requirement(cls, line: "InstallRequirement", *, path: Path, is_constraint: bool) -> "Entry":
        """The entry of a line that the parser understood."""
        return cls(
            text=_one_line(line.line or ""),
            location=Location(path=str(path), line=line.line_number),
            is_constraint=is_constraint,
            name=line.name,
            specifier=line.specifier or SpecifierSet(),
            marker=line.marker,
            hashes=tuple(line.hash_options),
            link=line.link.url if line.link else None,
            editable=bool(line.is_editable),
            vcs=bool(line.is_vcs_url),
        )

    @classmethod
    def of_invalid(cls, line: "InvalidRequirementLine", *, path: Path, is_constraint: bool) -> "Entry":
        """The entry of a line that the parser rejected."""
        return cls(
            text=_one_line(line.line or ""),
            location=Location(path=str(path), line=line.line_number),
            is_constraint=is_constraint,
            error=(line.error_message or "it is no requirement").splitlines()[0].rstrip(" :"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """An entry that names one exact version."""

    name: str
    version: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged:
    """An entry that names a package and leaves its version open; a constraint may close it."""

    name: str
    specifier: SpecifierSet
    hashes: tuple[str, ...]
    unresolved: Unresolved


def judge(entry: Entry, environment: Mapping[str, str] | None) -> Pinned | Ranged | Unresolved:
    """What an entry says about the target environment; `environment` overrides PEP 508 marker variables."""
    refusal = _refusal(entry, environment)
    if refusal is not None:
        code, why = refusal
        return Unresolved(text=entry.text, code=code, why=why, location=entry.location)
    assert entry.name is not None
    name = canonicalize_name(entry.name)
    exact = {each.version for each in entry.specifier if each.operator == "==" and not each.version.endswith(".*")}
    if len(exact) == 1 and entry.specifier.contains(next(iter(exact)), prereleases=True):
        return Pinned(name=name, version=str(Version(exact.pop())), hashes=entry.hashes)
    code, why = _openness(entry.specifier)
    unresolved = Unresolved(text=entry.text, code=code, why=why, location=entry.location)
    return Ranged(name=name, specifier=entry.specifier, hashes=entry.hashes, unresolved=unresolved)


def _refusal(entry: Entry, environment: Mapping[str, str] | None) -> tuple[str, str] | None:
    if entry.error is not None:
        return "requirement.invalid", f"pip would refuse this line: {entry.error}"
    if entry.editable:
        return "requirement.editable", "an editable install is a working copy, not a release of the registry"
    if entry.link is not None:
        return _link_refusal(entry)
    if entry.name is None:
        return "requirement.invalid", "it names no package"
    return _marker_refusal(entry.marker, environment) if entry.marker is not None else None


def _link_refusal(entry: Entry) -> tuple[str, str]:
    if entry.vcs:
        return "requirement.vcs", "it is installed from version control, not from the registry"
    assert entry.link is not None
    if re.match(r"https?:", entry.link, re.IGNORECASE):
        return "requirement.url", "it is installed from a URL, which avr does not fetch"
    return "requirement.path", "it is installed from a local path, not from the registry"


def _marker_refusal(marker: Marker, environment: Mapping[str, str] | None) -> tuple[str, str] | None:
    try:
        holds = marker.evaluate({"extra": "", **(environment or {})})
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion) as error:
        return "requirement.marker-invalid", f"its marker cannot be judged: {error}"
    return None if holds else ("requirement.marker", f"its marker is false for the target environment: {marker}")


def _openness(specifier: SpecifierSet) -> tuple[str, str]:
    operators = {each.operator for each in specifier}
    if not operators:
        return "requirement.unpinned", "it names no version; write ==VERSION or pin it in a constraints file"
    if "===" in operators:
        return (
            "requirement.arbitrary-equality",
            "=== compares letter by letter and never accepts a patched revision; write ==",
        )
    exact = sorted(each.version for each in specifier if each.operator == "==")
    if exact and all(each.endswith(".*") for each in exact):
        return "requirement.wildcard", f"=={exact[0]} stands for many versions; write the exact one"
    if exact:
        return "requirement.contradiction", f"no version can satisfy {specifier}"
    return "requirement.unpinned", f"{specifier} stands for many versions; write ==VERSION or add a constraints file"


def _one_line(text: str) -> str:
    return " ".join(text.split())
