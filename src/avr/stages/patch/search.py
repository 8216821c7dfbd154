"""Looking through the pin beyond the files of the fix: which files, how many, and their code as statements. Bounded."""

import keyword
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from avr.model.source import SourceTree
from avr.stages.patch.languages import language_of, read
from avr.stages.patch.text import Text

MAX_FILES = 3000
MAX_BYTES = 48 << 20
MAX_FILE = 1 << 20
"""Bounds of one search: files read, bytes read, and the largest file that is looked into."""

WORDS = frozenset(keyword.kwlist) | frozenset(
    re.findall(
        r"\w+",
        "self this cls super function const let var new typeof instanceof void null undefined true false nil func go "
        "defer range chan map type struct interface package public private protected static final throws throw catch "
        "int char long short unsigned signed float double bool boolean byte string switch case default do goto sizeof",
    )
)
"""Words of the languages themselves, which name nothing."""

_TOKEN = re.compile(r"""[A-Za-z_$][\w$]*|\d[\w.]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s\w]""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A statement, or a line of a file in no known language: its tokens and its lines `[first, last)`."""

    tokens: tuple[str, ...]
    first: int
    last: int


def pieces(path: str, text: Text) -> tuple[Piece, ...]:
    """The statements of a file; its lines where no language reads it."""
    source = read(language_of(path), text.lines)
    if source is None:
        found = ((tuple(tokens_of(line)), at) for at, line in enumerate(text.lines))
        return tuple(Piece(tokens=tokens, first=at, last=at + 1) for tokens, at in found if tokens)
    return tuple(Piece(tokens=each.words, first=each.first, last=each.last) for each in source.statements)


def tokens_of(line: str) -> list[str]:
    """The tokens of a line in any language that writes names, numbers and strings as most do."""
    return _TOKEN.findall(line[:2000])


def searched(tree: SourceTree, among: Collection[str], near: str) -> Iterator[tuple[str, bytes]]:
    """Files of the same suffix as `near`, the nearest first, with their contents, until a bound is met."""
    suffix, folders = PurePosixPath(near).suffix, near.split("/")
    alike = (path for path in among if PurePosixPath(path).suffix == suffix and path in tree)
    held = 0
    for path in sorted(alike, key=lambda path: (-_shared(path.split("/"), folders), path))[:MAX_FILES]:
        data = tree.files[path]
        held += len(data)
        if held > MAX_BYTES:
            return
        if len(data) <= MAX_FILE and b"\0" not in data:
            yield path, data


def _shared(one: list[str], two: list[str]) -> int:
    count = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        count += 1
    return count
