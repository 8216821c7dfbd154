"""Rewrites pins in a requirements file, keeping every other byte of it. Pure.

The grammar is pip's, https://pip.pypa.io/en/stable/reference/requirements-file-format/: a backslash joins lines, ` #`
begins a comment, options such as `--hash` follow the requirement.
"""

import re
import shlex
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

Hashes = Callable[[str, str], tuple[str, ...] | None]
"""The `sha256:<hex>` hashes of all files of a version (normalised name, version), or None where they are unknown."""

_PIN = re.compile(
    r"(?P<head>\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*\(?[^;#@]*?={2,3}[ \t]*)"
    r"(?P<version>[^\s,;#)\\]+)"
)
_HASH = re.compile(r"(?P<gap>[\s\\]*)--hash(?:=|[ \t]+)(?P<hash>[A-Za-z0-9]+:[0-9a-fA-F]+)")
_COMMENT = re.compile(r"(?:^|[ \t])#.*", re.DOTALL)
_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*[-_.a-zA-Z0-9]+")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_REQUIREMENT = re.compile(r"\s*[A-Za-z0-9.]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What takes the place of a pin: `name` is normalised, `hashes` are `sha256:<hex>` of the new version's files."""

    name: str
    pinned: str
    version: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """The new text, the packages whose pins were replaced, and the entries for which no hash is known."""

    text: str
    replaced: tuple[str, ...]
    unhashed: tuple[str, ...] = ()


def has_hashes(text: str) -> bool:
    """Whether any entry of a requirements file demands a hash; pip then demands one of every entry."""
    return any(_HASH.search(_code(line)) for line in logical_lines(text))


def pins(text: str) -> dict[str, str]:
    """Versions by normalised name of all exact pins of a requirements file."""
    found = [match for line in logical_lines(text) if (match := _pin(line))]
    return {canonicalize_name(match["name"]): match["version"] for match in found}


def rewrite(text: str, replacements: Collection[Replacement], hashes_of: Hashes | None = None) -> Rewritten:
    """Put `replacements` in the place of the pins that they name.

    An entry with hashes gets the new ones in the old ones' places. With `hashes_of`, entries without hashes get them
    too; entries for which there are none, because they pin no version or the version is unknown, are listed.
    """
    out, replaced, unhashed = [], [], []
    for line in logical_lines(text):
        match = _pin(line)
        name = canonicalize_name(match["name"]) if match else ""
        found = _replacement(replacements, name, match["version"]) if match else None
        if match and found:
            replaced.append(name)
            line = _with_hashes(_with_version(line, match, found.version), found.hashes, add=hashes_of is not None)
        elif hashes_of is not None and _is_requirement(line) and not _HASH.search(_code(line)):
            hashes = hashes_of(name, match["version"]) if match else None
            line = _with_hashes(line, hashes, add=True) if hashes else line
            unhashed += [] if hashes else [_code(line).strip()]
        out.append(line)
    return Rewritten(text="".join(out), replaced=tuple(dict.fromkeys(replaced)), unhashed=tuple(unhashed))


def with_find_links(text: str, folder: str) -> str:
    """The text with a `--find-links` line for `folder`, after a byte order mark and an encoding line; once only."""
    option = f"--find-links {shlex.quote(folder)}"
    lines = [line.strip() for line in logical_lines(text)]
    if option in lines or f"--find-links={shlex.quote(folder)}" in lines:
        return text
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    physical = [each for each in _LINE.findall(text.removeprefix("\ufeff")) if each]
    at = max((number for number, line in enumerate(physical[:2], 1) if _CODING.match(line)), default=0)
    return mark + "".join([*physical[:at], option + line_end(text), *physical[at:]])


def line_end(text: str) -> str:
    """The line end that the text uses."""
    match = re.search(r"\r\n|\r|\n", text)
    return match[0] if match else "\n"


def logical_lines(text: str) -> list[str]:
    """The text cut into pip's logical lines with all their bytes: joined, they are the text again."""
    lines: list[str] = []
    joined = False
    for each in _LINE.findall(text):
        if not each:
            continue
        if joined:
            lines[-1] += each
        else:
            lines.append(each)
        bare = each.rstrip("\r\n")
        joined = bare.endswith("\\") and not _COMMENT.search(bare)
    return lines


def _code(line: str) -> str:
    """A logical line without its comment and line end."""
    return _COMMENT.sub("", line.removeprefix("\ufeff")).rstrip("\r\n")


def _is_requirement(line: str) -> bool:
    return bool(_REQUIREMENT.match(_code(line))) or _code(line).lstrip().startswith(("-e", "--editable"))


def _pin(line: str) -> re.Match[str] | None:
    match = _PIN.match(line.removeprefix("\ufeff"))
    code = _code(line)
    if match is None or match.end() > len(code) or match["version"].endswith("*") or " @ " in code.partition(";")[0]:
        return None
    return match


def _replacement(among: Collection[Replacement], name: str, version: str) -> Replacement | None:
    return next((each for each in among if each.name == name and _same(each.pinned, version)), None)


def _same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _with_version(line: str, match: re.Match[str], version: str) -> str:
    shift = 1 if line.startswith("\ufeff") else 0
    return line[: match.start("version") + shift] + version + line[match.end("version") + shift :]


def _with_hashes(line: str, hashes: tuple[str, ...], *, add: bool) -> str:
    comment = _COMMENT.search(line)
    code, rest = (line[: comment.start()], line[comment.start() :]) if comment else (line, "")
    old = list(_HASH.finditer(code))
    if not old:
        return _appended(code, rest, hashes, line) if add else line
    gaps = [each["gap"] for each in old]
    more = gaps[-1] if gaps[-1].strip(" \t") else gaps[0]
    gaps += [more] * (len(hashes) - len(gaps))
    made = "".join(f"{gap}--hash={each}" for gap, each in zip(gaps, hashes, strict=False))
    between = "".join(code[one.end() : two.start()] for one, two in pairwise(old))
    return code[: old[0].start()] + made + between + code[old[-1].end() :] + rest


def _appended(code: str, rest: str, hashes: tuple[str, ...], line: str) -> str:
    end = line_end(line) if line_end(line) in line else "\n"
    bare = code.rstrip()
    tail = code[len(bare) :] + rest
    return bare + "".join(f" \\{end}    --hash={each}" for each in hashes) + tail
