"""Turns a requirements file, and every file that it includes, towards the patched releases; writes nothing itself."""

import os
import re
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from avr.ecosystems.interface import Registry
from avr.errors import AvrError
from avr.model.release import Release
from avr.stages.deliver import rewrite as text_of
from avr.stages.deliver.rewrite import Hashes, Replacement

Resolve = Callable[[str, str, Path], str]
"""A resolver: requirements, constraints, folder of wheels -> all pins with their hashes as a requirements file.

Raises `AvrError` where they cannot be resolved.
"""

_INCLUDE = re.compile(r"\s*(?P<option>-r|--requirement|-c|--constraint)[= \t]*(?P<path>[^\s#][^#\r\n]*)")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)")
_FILE_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """New contents by real path, and remarks for the person who asked for it. `hashed`: pip will demand hashes."""

    contents: Mapping[Path, bytes]
    notes: tuple[str, ...]
    hashed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    text: str
    encoding: str
    is_constraint: bool


def replacements(releases: Iterable[Release]) -> tuple[Replacement, ...]:
    """What takes the place of the pins that `releases` patch."""
    return tuple(
        Replacement(
            name=release.component.name,
            pinned=pinned,
            version=release.version,
            hashes=tuple(f"sha256:{each.sha256}" for each in release.artifacts if each.role in {"wheel", "sdist"}),
        )
        for release in releases
        for pinned in (release.component.version, *_earlier(release))
    )


def _earlier(release: Release) -> Iterator[str]:
    """Earlier revisions of the same pin, which a newer one replaces as well."""
    base, mark, revision = release.version.rpartition("+avr.")
    if mark and revision.isdigit():
        yield from (f"{base}{mark}{number}" for number in range(1, int(revision)))


def registry_hashes(registry: Registry) -> Hashes:
    """The hashes of all files of a version as the registry lists them, None where it does not list them all."""

    def hashes(name: str, version: str) -> tuple[str, ...] | None:
        try:
            found = [each for each in registry.releases(name) if _same(each.version, version)]
        except AvrError:
            return None  # the caller lists the entry as one without hashes
        digests = [file.sha256 for each in found for file in each.files]
        known = sorted(each for each in digests if each is not None)
        return tuple(f"sha256:{each}" for each in known) if known and len(known) == len(digests) else None

    return hashes


def redirect(
    root: Path, wanted: Collection[Replacement], wheels: Path, hashes_of: Hashes, resolve: Resolve | None
) -> Rewrite:
    """The new contents of `root` and of the files that it includes.

    A file with hashes keeps demanding them; one without gets them for every entry, provided that all are known and
    that `resolve` can name the dependencies which the file does not pin. Where not, it stays without, and a note says
    why. Raises `AvrError` `requirements.unreadable`.
    """
    files = list(_files(root.resolve(), is_constraint=False, seen=set()))
    if not any(text_of.rewrite(each.text, wanted).replaced for each in files):
        return Rewrite(contents={}, notes=(), hashed=False)
    if any(text_of.has_hashes(each.text) for each in files):
        return _finished(files, _plain(files, wanted), wheels, hashed=True, notes=())
    texts, unhashed = _hashed(files, wanted, hashes_of)
    notes = [f"no hashes were added: none are known for {unhashed[0]!r}"] if unhashed else []
    if not unhashed and resolve is not None:
        try:
            texts[root.resolve()] += _missing(files, texts, wheels, root.name, resolve)
        except AvrError as error:
            notes = [f"no hashes were added: {error.message}"]
    if notes:
        return _finished(files, _plain(files, wanted), wheels, hashed=False, notes=tuple(notes))
    return _finished(files, texts, wheels, hashed=True, notes=())


def _plain(files: list[_File], wanted: Collection[Replacement]) -> dict[Path, str]:
    return {each.path: text_of.rewrite(each.text, wanted).text for each in files}


def _hashed(
    files: list[_File], wanted: Collection[Replacement], hashes_of: Hashes
) -> tuple[dict[Path, str], list[str]]:
    made = {each.path: text_of.rewrite(each.text, wanted, None if each.is_constraint else hashes_of) for each in files}
    return {path: one.text for path, one in made.items()}, [line for one in made.values() for line in one.unhashed]


def _missing(files: list[_File], texts: Mapping[Path, str], wheels: Path, name: str, resolve: Resolve) -> str:
    """A block with the pins that the resolver adds to those of the files; empty where they pin everything."""
    main = "".join(_loose(texts[each.path]) for each in files if not each.is_constraint)
    constraints = "".join(_loose(texts[each.path]) for each in files if each.is_constraint)
    known = set(text_of.pins(main))
    lines = text_of.logical_lines(resolve(main, constraints, wheels))
    added = [line for line in lines if not known.issuperset(text_of.pins(line))]
    if not added:
        return ""
    root = texts[files[0].path]
    end = text_of.line_end(root)
    gap = "" if root.endswith(("\n", "\r")) or not root else end
    block = f"{end}# dependencies that {name} does not pin\n" + "".join(added)
    return gap + block.replace("\r\n", "\n").replace("\n", end)


def _loose(text: str) -> str:
    """The text without hashes and without options that name other files."""
    lines = [line for line in text_of.logical_lines(text) if not _INCLUDE.match(line)]
    kept = [re.sub(r"[\s\\]*--hash[= \t]+\S+", "", line) for line in lines]
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in kept)


def _finished(
    files: list[_File], texts: Mapping[Path, str], wheels: Path, *, hashed: bool, notes: tuple[str, ...]
) -> Rewrite:
    root = files[0]
    contents = dict(texts)
    relative = Path(os.path.relpath(wheels.resolve(), root.path.parent)).as_posix()
    contents[root.path] = text_of.with_find_links(contents[root.path], relative)
    changed = {
        each.path: contents[each.path].encode(each.encoding, "surrogateescape")
        for each in files
        if contents[each.path] != each.text
    }
    return Rewrite(contents=changed, notes=notes, hashed=hashed)


def _files(path: Path, *, is_constraint: bool, seen: set[Path]) -> Iterator[_File]:
    if path in seen or len(seen) >= _FILE_LIMIT:
        return
    seen.add(path)
    text, encoding = _decoded(path)
    yield _File(path=path, text=text, encoding=encoding, is_constraint=is_constraint)
    for line in text_of.logical_lines(text):
        match = _INCLUDE.match(line)
        if match is None or "://" in match["path"]:
            continue
        nested = (path.parent / _unquoted(match["path"])).resolve()
        constraint = is_constraint or match["option"].startswith(("-c", "--c"))
        yield from _files(nested, is_constraint=constraint, seen=seen)


def _unquoted(text: str) -> str:
    try:
        return shlex.split(text)[0]
    except (ValueError, IndexError):
        return text.strip()


def _decoded(path: Path) -> tuple[str, str]:
    """The text as pip reads it, and the encoding that gives the same bytes again; byte order marks stay in the text."""
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"cannot read {str(path)!r}: {error.strerror}"
        raise AvrError("requirements.unreadable", message, hint="nothing was rewritten") from error
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data.decode(encoding, "surrogatepass"), encoding
    declared = [match for line in data.split(b"\n")[:2] if (match := _CODING.match(line))]
    encoding = declared[0][1].decode("ascii") if declared else "utf-8"
    try:
        return data.decode(encoding, "surrogateescape"), encoding
    except LookupError as error:
        message = f"{str(path)!r} declares the encoding {encoding!r}, which is unknown"
        raise AvrError("requirements.unreadable", message, hint="save it as UTF-8") from error


def _same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other
