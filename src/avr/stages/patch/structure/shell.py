"""What is around a function in the pin's form, `A.prototype.f = ` in front and `;` behind, taken off and put back."""

import re
from dataclasses import dataclass, replace

from avr.stages.patch.change import Placement
from avr.stages.patch.languages.interface import Source
from avr.stages.patch.structure.units import Unit
from avr.stages.patch.text import Replacement, Text

_TAIL = re.compile(r"[ \t]*[;,]?[ \t]*(?://.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """A function written plain: `line` is where it begins in the file, `head` and `tail` what the file has.

    `plain` is the head of the plain function, all that stands in front of its parameters.
    """

    line: int
    head: str
    plain: str
    tail: str

    def around(self, placement: Placement, first: int, size: int) -> Placement | None:
        """The placement with the file's own head and tail where it writes these lines; None where it changes them."""
        made = []
        for each in placement.replacements:
            lines = list(each.lines)
            if each.start == first and each.end > first:
                if not lines or not lines[0].startswith(self.plain):
                    return None
                lines[0] = self.head + lines[0].removeprefix(self.plain)
            elif each.start <= first:
                return None
            if each.end == first + size and each.start < each.end:
                if not lines or not lines[-1].endswith("}"):
                    return None
                lines[-1] += self.tail
            elif each.end >= first + size:
                return None
            made.append(Replacement(start=each.start, end=each.end, lines=tuple(lines)))
        return replace(placement, replacements=tuple(made), verbatim=False)


def bare(text: Text, source: Source, unit: Unit, name: str, *, flush: bool) -> tuple[Text, Shell] | None:
    """The unit's lines as `function name(...) {...}`, `flush` left if need be; None where that cannot be done."""
    first, last = unit.lines(source)
    form = unit.form
    if form is None or not form.marks or not name.isidentifier():
        return None
    start, end = _column(source, form.start), _column(source, form.end)
    if start[0] != first or end[0] != last - 1:
        return None
    lines = list(text.lines[first:last])
    head, tail = lines[0][: start[1]], lines[-1][end[1] :]
    if not _TAIL.fullmatch(tail):
        return None
    indent = head[: len(head) - len(head.lstrip())]
    if flush and indent and any(line.count("`") % 2 or not _fits(line, indent) for line in lines):
        return None
    plain = f"{indent}{form.marks} {name}"
    lines[-1] = lines[-1][: end[1]]
    lines[0] = plain + lines[0][start[1] :]
    shell = Shell(line=first, head=head, plain=plain, tail=tail)
    lines = [line.removeprefix(indent) for line in lines] if flush else lines
    return Text(lines=tuple(lines), ends=text.ends[first:last], bom=""), shell


def _fits(line: str, indent: str) -> bool:
    return not line.strip() or line.startswith(indent)


def _column(source: Source, offset: int) -> tuple[int, int]:
    return source.text.count("\n", 0, offset), offset - source.text.rfind("\n", 0, offset) - 1
