"""Upstream's file with one unit replaced by the pin's: a file in which R1 to R3 can be asked again.

What moved, was renamed or changed its indentation stands at upstream's place there, and everything around it is as
upstream has it. What is placed inside the unit is carried back to where the pin has it.
"""

from dataclasses import dataclass, replace

from avr.stages.patch.change import Placement, Present
from avr.stages.patch.structure.shell import Shell
from avr.stages.patch.text import Replacement, Text

_QUOTES = ('"""', "'''", "`")
"""What opens a string of several lines, whose content may not be moved sideways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transplant:
    """`text` holds the pin's unit at lines `[start, end)`; in the pin it begins at line `origin` of `path`.

    `here` and `there` are the unit's indentation in `text` and in the pin; `shell` is how the pin writes the function,
    where `text` has it in another form.
    """

    text: Text
    start: int
    end: int
    path: str
    origin: int
    here: str
    there: str
    shell: Shell | None = None

    def back(self, verdict: Placement | Present) -> Placement | Present | None:
        """The verdict in lines of the pin's file; None where it leaves the unit."""
        if isinstance(verdict, Present):
            line = min(max(verdict.line, self.start), self.end)
            return replace(verdict, line=self.origin + line - self.start)
        if any(each.start < self.start or each.end > self.end for each in verdict.replacements):
            return None
        lines = [line for each in verdict.replacements for line in each.lines]
        if self.here != self.there and any(line.count(quotes) % 2 for line in lines for quotes in _QUOTES):
            return None
        moved = tuple(self._moved(each) for each in verdict.replacements)
        if self.shell:
            return self.shell.around(replace(verdict, replacements=moved), self.origin, self.end - self.start)
        verbatim = verdict.verbatim and self.here == self.there
        return replace(verdict, replacements=moved, verbatim=verbatim)

    def _moved(self, each: Replacement) -> Replacement:
        offset = self.origin - self.start
        lines = tuple(_reindented(line, self.here, self.there) for line in each.lines)
        return Replacement(start=each.start + offset, end=each.end + offset, lines=lines)


def transplant(
    base: Text, here: tuple[int, int], pin: Text, there: tuple[int, int], path: str, shell: Shell | None = None
) -> Transplant | None:
    """Put the pin's lines `there` in the place of upstream's lines `here`; None where indentation forbids it.

    With a `shell`, `pin` is the function alone.
    """
    inside, outside = _indent(base, here), _indent(pin, there)
    lines = pin.lines[there[0] : there[1]]
    sides = (lines, outside), (base.lines[here[0] : here[1]], inside)
    if inside != outside and not all(_fits(line, indent) for side, indent in sides for line in side):
        return None
    moved = tuple(_reindented(line, outside, inside) for line in lines)
    text = base.replacing([Replacement(start=here[0], end=here[1], lines=moved)])
    end = here[0] + len(moved)
    origin = there[0] + (shell.line if shell else 0)
    return Transplant(
        text=text, start=here[0], end=end, path=path, origin=origin, here=inside, there=outside, shell=shell
    )


def _indent(text: Text, lines: tuple[int, int]) -> str:
    first = text.lines[lines[0]]
    return first[: len(first) - len(first.lstrip(" \t"))]


def _fits(line: str, indent: str) -> bool:
    return not line.strip() or line.startswith(indent)


def _reindented(line: str, old: str, new: str) -> str:
    if old == new or not line.strip() or not line.startswith(old):
        return line
    return new + line.removeprefix(old)
