"""Reads pip's requirements files: the components they pin, and the entries that pin nothing.

The grammar is pip's own, https://pip.pypa.io/en/stable/reference/requirements-file-format/, read by the
`pip-requirements-parser` library; nothing is fetched and nothing is run.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path

from avr.errors import UsageError
from avr.inventory.entries import Entry, Pinned, Ranged, judge
from avr.model.component import Component, Inventory, Location, Unresolved
from avr.model.identifiers import EcosystemName

SIZE_LIMIT = 16 << 20
"""The largest requirements file that is read, in bytes."""

FILE_LIMIT = 1000
"""The most files that one requirements file may pull in."""


def read(path: Path, environment: Mapping[str, str] | None = None) -> Inventory:
    """The inventory of a requirements file and of every file that it names by `-r` and `-c`.

    `environment` overrides marker variables such as `python_version` (PEP 508); without it markers are judged for the
    interpreter that runs avr. Raises `UsageError` when a file is missing, unreadable, no text, or named by a URL.
    """
    entries = _Reading().read(path, is_constraint=False, named_by=None)
    judged = [(each, judge(each, environment)) for each in entries]
    pins = {
        verdict.name: (verdict, entry.location)
        for entry, verdict in judged
        if isinstance(verdict, Pinned) and entry.is_constraint
    }
    components: dict[tuple[str, str], Component] = {}
    unresolved: list[Unresolved] = []
    for entry, verdict in judged:
        if entry.is_constraint and entry.error is None:
            continue
        resolved = _constrain(verdict, entry, pins)
        if isinstance(resolved, Component):
            key = (resolved.name, resolved.version)
            components[key] = _join(components[key], resolved) if key in components else resolved
        else:
            unresolved.append(resolved)
    return Inventory(target=str(path), components=tuple(components.values()), unresolved=tuple(unresolved))


def _constrain(
    verdict: Pinned | Ranged | Unresolved, entry: Entry, pins: Mapping[str, tuple[Pinned, Location]]
) -> Component | Unresolved:
    if isinstance(verdict, Unresolved):
        return verdict
    pin, where = pins.get(verdict.name, (None, entry.location))
    if isinstance(verdict, Pinned):
        if pin is not None and pin.version != verdict.version:
            why = f"it pins {verdict.version} while {where.path}:{where.line} demands {pin.version}"
            return Unresolved(text=entry.text, code="requirement.conflict", why=why, location=entry.location)
        return _component(verdict, (entry.location,), pin.hashes if pin else ())
    if pin is None:
        return verdict.unresolved
    if not verdict.specifier.contains(pin.version, prereleases=True):
        why = f"{where.path}:{where.line} demands {pin.version}, which {verdict.specifier} leaves out"
        return Unresolved(text=entry.text, code="requirement.conflict", why=why, location=entry.location)
    return _component(pin, (entry.location, where), verdict.hashes)


def _component(pin: Pinned, locations: tuple[Location, ...], more_hashes: tuple[str, ...]) -> Component:
    return Component(
        ecosystem=EcosystemName.PYPI,
        name=pin.name,
        version=pin.version,
        locations=locations,
        hashes=tuple(dict.fromkeys((*pin.hashes, *more_hashes))),
    )


def _join(one: Component, other: Component) -> Component:
    return Component(
        ecosystem=one.ecosystem,
        name=one.name,
        version=one.version,
        locations=tuple(dict.fromkeys((*one.locations, *other.locations))),
        hashes=tuple(dict.fromkeys((*one.hashes, *other.hashes))),
    )


class _Reading:
    """One walk over a requirements file and the files that it names; each file is read once per role."""

    def __init__(self) -> None:
        self._seen: set[tuple[Path, bool]] = set()

    def read(self, path: Path, *, is_constraint: bool, named_by: Location | None) -> list[Entry]:
        key = (_existing(path, named_by).resolve(), is_constraint)
        if key in self._seen:
            return []
        self._seen.add(key)
        if len(self._seen) > FILE_LIMIT:
            raise UsageError("requirements.files", f"more than {FILE_LIMIT} files are named from {str(path)!r}")
        return self._entries(path, is_constraint=is_constraint)

    def _entries(self, path: Path, *, is_constraint: bool) -> list[Entry]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            from pip_requirements_parser import RequirementsFile

        _check_text(path)
        file = RequirementsFile.from_file(str(path), include_nested=False)
        entries = [Entry.of_requirement(each, path=path, is_constraint=is_constraint) for each in file.requirements]
        entries += [Entry.of_invalid(each, path=path, is_constraint=is_constraint) for each in file.invalid_lines]
        entries.sort(key=lambda each: each.location.line or 0)
        for option in file.options:
            where = Location(path=str(path), line=option.line_number)
            for name, nested_constraint in (("requirements", False), ("constraints", True)):
                for reference in option.options.get(name, ()):
                    nested = _nested(path, reference, where)
                    entries += self.read(nested, is_constraint=nested_constraint, named_by=where)
        return entries


def _nested(path: Path, reference: str, where: Location) -> Path:
    if "://" in reference or reference.lower().startswith("file:"):
        raise UsageError(
            "requirements.url",
            f"{where.path}:{where.line} names a file by URL, {reference!r}; avr fetches no requirements",
            hint="download it, look at it, and name the local copy",
        )
    return path.parent / reference


def _existing(path: Path, named_by: Location | None) -> Path:
    origin = f", named by {named_by.path}:{named_by.line}," if named_by else ""
    try:
        there = path.exists()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not there:
        raise UsageError(
            "requirements.missing", f"requirements file {str(path)!r}{origin} does not exist", hint="check the path"
        )
    if not path.is_file():
        raise UsageError("requirements.not-a-file", f"{str(path)!r}{origin} is no regular file", hint="name a file")
    return path


def _check_text(path: Path) -> None:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= SIZE_LIMIT else b""
    except OSError as error:
        raise _unreadable(path, error) from error
    if size > SIZE_LIMIT:
        raise UsageError("requirements.size", f"{str(path)!r} holds {size} bytes, more than {SIZE_LIMIT}")
    from pip_requirements_parser import auto_decode

    try:
        text = auto_decode(data)
    except (UnicodeError, LookupError) as error:
        raise UsageError(
            "requirements.encoding",
            f"{str(path)!r} is no text that pip can read: {error}",
            hint="save it as UTF-8, or declare its encoding on the first line: # -*- coding: latin-1 -*-",
        ) from error
    if "\0" in text:
        raise UsageError("requirements.binary", f"{str(path)!r} is a binary file", hint="name a requirements file")


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        "requirements.unreadable",
        f"cannot read {str(path)!r}: {error.strerror}",
        hint="check the path and its permissions",
    )
