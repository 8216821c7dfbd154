"""Which unit of the pin is a unit of upstream: by its name, by its name elsewhere, or by what it says.

The same scope in the file's counterpart comes first; then the name in another scope of that file (a function that
became a method, a class that was renamed); then other files that hold the name; last a unit of another name that says
much the same. A second candidate that is nearly as good is a refusal.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from avr.model.source import SourceTree
from avr.stages.patch.change import Refusal
from avr.stages.patch.languages import language_of
from avr.stages.patch.languages.interface import Scope, Source
from avr.stages.patch.structure.shell import Shell
from avr.stages.patch.structure.units import Unit, alike, bag, ordinal, units
from avr.stages.patch.text import Text

_SAME = 0.25
"""How alike the unit of the same scope in the same file must be."""
_NAMED = 0.5
"""The same for a unit of the name in another scope of that file."""
_ELSEWHERE = 0.6
"""The same for a unit of the scope in another file."""
_MOVED = 0.7
"""The same for a unit of the name in another scope of another file."""
_RENAMED = 0.75
"""The same for a unit of another name."""
_AHEAD = 0.15
"""How much more alike than the second best a candidate must be."""
_TELLING = 12
"""Tokens that a unit must have to be known by what it says."""
_LEAST = 5
"""The same where nothing else in the tree has the name."""
_MOST_FILES = 60
"""Files that are read in search of a name; a name that more of them hold says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of either side, read."""

    path: str
    text: Text
    source: Source
    units: Sequence[Unit]

    @classmethod
    def of(cls, path: str, text: Text) -> "File | None":
        """None where the file cannot be read in its language."""
        language = language_of(path)
        source = language.read(text.lines) if language else None
        return cls(path=path, text=text, source=source, units=units(source)) if source else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """A unit of the pin: `score` says how alike it is, `how` where it was found.

    With a `shell`, `file` is the function alone, in the form in which both sides are compared.
    """

    file: File
    unit: Unit
    score: float
    how: str
    shell: Shell | None = None


class Finder:
    """Looks for the units of one of upstream's files in the pin's tree."""

    def __init__(self, upstream: File, tree: SourceTree, path: str | None) -> None:
        """`path` is the file's counterpart in `tree`; None where there is none."""
        self._upstream, self._tree, self._path = upstream, tree, path
        self._names: dict[Scope, list[Unit]] = {}
        for each in upstream.units:
            self._names.setdefault(each.name, []).append(each)
        self._paths: list[str] | None = None
        self._bags: dict[tuple[str, bool, Unit], Counter[str]] = {}
        self._read: dict[str, File | None] = {}
        self._found: dict[Unit, Counterpart | Refusal] = {}

    def find(self, unit: Unit) -> Counterpart | Refusal:
        """The one sure counterpart of a unit."""
        if unit not in self._found:
            self._found[unit] = self._sought(unit)
        return self._found[unit]

    def file(self, path: str) -> File | None:
        """A file of the pin, read once."""
        if path not in self._read:
            data = self._tree.get(path)
            self._read[path] = File.of(path, Text.of(data)) if data is not None else None
        return self._read[path]

    def mentions(self, *names: str) -> list[str]:
        """The files of the tree, in the file's language, that hold every one of the names."""
        wanted = [name.encode("latin-1", "replace") for name in names]
        if self._paths is None:
            kind = language_of(self._upstream.path)
            self._paths = [path for path in self._tree if language_of(path) is kind]
        return [path for path in self._paths if all(_holds(self._tree.files[path], each) for each in wanted)]

    def _sought(self, unit: Unit) -> Counterpart | Refusal:
        own = self.file(self._path) if self._path else None
        if own:
            found = self._same(unit, own) or self._constructor(unit, own) or self._renamed_scope(unit, own)
            if found:
                return found
        return (
            self._elsewhere(unit)
            or (own and self._renamed(unit, own))
            or Refusal(reason=f"the pin has nothing that is surely {'.'.join(unit.name)!r}")
        )

    def _same(self, unit: Unit, own: File) -> Counterpart | Refusal | None:
        twins = [each for each in own.units if each.name == unit.name and _kin(each, unit)]
        index, count = ordinal(self._upstream.units, unit)
        scores = [self._score(unit, own, each) for each in twins]
        if not twins:
            return None
        if count == len(twins) and scores[index] == max(scores):
            return self._answer(own, twins[index], scores[index], "") if scores[index] >= _SAME else None
        return self._best(own, twins, scores, _NAMED, "") or Refusal(
            reason=f"the pin has {len(twins)} definitions of {'.'.join(unit.name)!r}, upstream {count}"
        )

    def _constructor(self, unit: Unit, own: File) -> Counterpart | None:
        """The function that is the constructor of a class written without `class`: it has methods."""
        owner, mine = unit.name[:-1], unit.form
        made = [each for each in own.units if each.name == owner]
        methods = any(each.name[:-1] == owner and each.form and each.form.this == "instance" for each in own.units)
        form = made[0].form if len(made) == 1 else None
        if unit.name[-1] != "constructor" or not methods or mine is None or form is None or form.place != "statement":
            return None
        score = self._score(unit, own, made[0])
        there = replace(made[0], form=form._replace(this=mine.this))
        return self._answer(own, there, score, "") if score >= _SAME else None

    def _renamed_scope(self, unit: Unit, own: File) -> Counterpart | Refusal | None:
        same = [each for each in own.units if each.name[-1] == unit.name[-1] and each.name not in self._names]
        return self._chosen(unit, [(own, each) for each in same if _kin(each, unit)], _NAMED, "in another scope")

    def _elsewhere(self, unit: Unit) -> Counterpart | Refusal | None:
        if self._weight(unit) < _LEAST:
            return None
        small = self._weight(unit) < _TELLING
        for names, least in ((unit.name, _ELSEWHERE), (unit.name[-1:], _MOVED)):
            paths = [path for path in self.mentions(*names) if path != self._path]
            if len(paths) > _MOST_FILES:
                paths = _nearest(paths, self._upstream.path)
            files = [file for path in paths if (file := self.file(path))]
            same = [(file, each) for file in files for each in file.units if each.name[-len(names) :] == names]
            kin = [one for one in same if _kin(one[1], unit)]
            if small and (len(kin) != 1 or len(unit.name) != len(kin[0][1].name)):
                continue
            found = self._chosen(unit, kin, least, "in another file")
            if found:
                return found
        return None

    def _renamed(self, unit: Unit, own: File) -> Counterpart | Refusal | None:
        if self._weight(unit) < _TELLING or unit.kind == "value":
            return None
        kin = [(own, each) for each in own.units if each.kind == unit.kind and len(each.name) == len(unit.name)]
        others = [(file, each) for file, each in kin if self._free(unit, file, each)]
        return self._chosen(unit, others, _RENAMED, "under another name")

    def _free(self, unit: Unit, file: File, other: Unit) -> bool:
        """Whether a unit of the pin has no namesake upstream that is nearly as much like it."""
        namesakes = self._names.get(other.name, [])
        mine = self._score(unit, file, other)
        return all(self._score(each, file, other) < mine - _AHEAD for each in namesakes)

    def _chosen(
        self, unit: Unit, candidates: Sequence[tuple[File, Unit]], least: float, how: str
    ) -> Counterpart | Refusal | None:
        scored = sorted(
            ((self._score(unit, file, each), index) for index, (file, each) in enumerate(candidates)), reverse=True
        )
        if not scored or scored[0][0] < least:
            return None
        best = candidates[scored[0][1]]
        if len(scored) > 1 and scored[1][0] > scored[0][0] - _AHEAD:
            rival = candidates[scored[1][1]]
            names = [f"{'.'.join(each.name)} in {file.path}" for file, each in (best, rival)]
            return Refusal(reason=f"{'.'.join(unit.name)!r} could be {names[0]!r} or {names[1]!r}")
        return self._answer(best[0], best[1], scored[0][0], how)

    def _best(
        self, file: File, twins: Sequence[Unit], scores: Sequence[float], least: float, how: str
    ) -> Counterpart | None:
        first, *rest = sorted(range(len(twins)), key=lambda index: -scores[index])
        if scores[first] < least or (rest and scores[rest[0]] > scores[first] - _AHEAD):
            return None
        return self._answer(file, twins[first], scores[first], how)

    def _answer(self, file: File, unit: Unit, score: float, how: str) -> Counterpart:
        return Counterpart(file=file, unit=unit, score=score, how=how)

    def _score(self, unit: Unit, file: File, other: Unit) -> float:
        return alike(self._bag(self._upstream, unit), self._bag(file, other))

    def _weight(self, unit: Unit) -> int:
        return self._bag(self._upstream, unit).total()

    def _bag(self, file: File, unit: Unit) -> Counter[str]:
        key = file.path, file is self._upstream, unit
        if key not in self._bags:
            self._bags[key] = bag(file.source, unit)
        return self._bags[key]


def _kin(one: Unit, two: Unit) -> bool:
    return (one.kind == "value") == (two.kind == "value") and (one.kind == "class") == (two.kind == "class")


def _holds(data: bytes, word: bytes) -> bool:
    return word in data and re.search(rb"(?<!\w)" + re.escape(word) + rb"(?!\w)", data) is not None


def _nearest(paths: Sequence[str], path: str) -> list[str]:
    """The files in the same folder, as many as are read."""
    folder = PurePosixPath(path).parent
    return [each for each in paths if PurePosixPath(each).parent == folder][:_MOST_FILES]
