"""Files as lines that come back byte for byte, whatever their encoding, line ends and byte order mark."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

_BOM = "\xef\xbb\xbf"  # UTF-8's byte order mark, read as Latin-1
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A file's lines without their ends, the ends beside them, and its byte order mark.

    Bytes are read as Latin-1, one character for one byte: no encoding is guessed and none can fail.
    """

    lines: tuple[str, ...]
    ends: tuple[str, ...] = ()
    bom: str = ""

    @classmethod
    def of(cls, data: bytes) -> "Text":
        """The lines of `data`; `to_bytes` gives `data` back."""
        return _read(data)

    def to_bytes(self) -> bytes:
        """The file as it is written."""
        body = "".join(chain.from_iterable(zip(self.lines, self.ends, strict=True)))
        return (self.bom + body).encode("latin-1")

    def replacing(self, replacements: Iterable["Replacement"]) -> "Text":
        """A new text; replacements may not overlap. New lines end as the lines around them do."""
        usual = Counter(self.ends)
        del usual[""]
        eol = max(usual, key=usual.__getitem__, default="\n")
        lines: list[str] = []
        ends: list[str] = []
        at = 0
        for each in sorted(replacements, key=lambda one: (one.start, one.end)):
            assert each.start >= at, "replacements overlap"
            lines += (*self.lines[at : each.start], *each.lines)
            kept = self.ends[each.start : each.end][: len(each.lines)]
            ends += (*self.ends[at : each.start], *kept, *(eol for _ in range(len(each.lines) - len(kept))))
            at = each.end
        lines += self.lines[at:]
        ends += self.ends[at:]
        if "" in ends[:-1]:
            ends[:-1] = [end or eol for end in ends[:-1]]
        if ends and self.ends and not self.ends[-1]:
            ends[-1] = ""
        elif ends and not ends[-1]:
            ends[-1] = eol
        return Text(lines=tuple(lines), ends=tuple(ends), bom=self.bom)


@lru_cache(maxsize=16)
def _read(data: bytes) -> Text:
    """Every rung asks for the same few files, so the last ones are kept."""
    text = data.decode("latin-1")
    bom = _BOM if text.startswith(_BOM) else ""
    if "\r" in text:
        found = [match.groups() for match in _LINE.finditer(text, len(bom)) if match.group(0)]
        return Text(lines=tuple(line for line, _ in found), ends=tuple(end for _, end in found), bom=bom)
    *lines, last = text[len(bom) :].split("\n")
    ends = ["\n"] * len(lines)
    if last:
        lines.append(last)
        ends.append("")
    return Text(lines=tuple(lines), ends=tuple(ends), bom=bom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Lines `[start, end)` of a text (from 0) become `lines`."""

    start: int
    end: int
    lines: tuple[str, ...]


def printable(line: str) -> str:
    """A line of a `Text` as people read it: UTF-8 where it is, else with escapes."""
    return line.encode("latin-1").decode("utf-8", "backslashreplace")
