"""Rung R4: each open edit is asked in the unit that holds it, found again wherever the pin has it.

From the innermost unit outwards: find its counterpart, put the pin's unit into upstream's file (`transplant`), ask R1
to R3 there, then the merge by alignment (`drifted`), then both again with upstream's local names changed to the pin's
(`renames`). The first answer counts; a doubt about the place ends the search for that edit. What every unit left open
is asked in the blocks of its function (`deeper`) and with the function's own expressions (`filling`). What stands in no
unit is tried as a new one among its neighbours (`additions`), and last as something that the pin does not need
(`unneeded`).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from avr.model.backport import Rung
from avr.stages.patch.change import Placement, Present, Refusal, Unneeded, Verdict
from avr.stages.patch.question import Question, Reply, Solution
from avr.stages.patch.structure.additions import add_units
from avr.stages.patch.structure.counterpart import Counterpart, File, Finder
from avr.stages.patch.structure.deeper import deeper
from avr.stages.patch.structure.filling import filling
from avr.stages.patch.structure.reform import in_one_form, in_other_form
from avr.stages.patch.structure.units import ordinal
from avr.stages.patch.structure.unneeded import shown_absent
from avr.stages.patch.structure.view import Frame, Pair, View, between, views
from avr.stages.patch.text import Text

_Technique = Callable[[Frame, Counterpart, Collection[int]], Iterator[tuple[View, dict[int, Verdict]]]]
_MOST = 0.9
"""The best score of this rung."""
_MOVED = 0.9
"""What is left of a score where the unit was found elsewhere."""


def place_structure(question: Question) -> Reply:
    """Place what is open inside the definitions and values that hold it."""
    upstream = question.upstream
    before, after = File.of(upstream.path, upstream.before), File.of(upstream.path, upstream.after)
    if before is None or after is None:
        return Reply()
    search = _Search(question, before, after, Finder(before, question.tree, question.path))
    search.climb()
    return Reply(solutions=tuple(search.solutions), reasons=tuple(search.reasons()))


@dataclass(slots=True)
class _Search:
    question: Question
    before: File
    after: File
    finder: Finder
    solutions: list[Solution] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    why: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)

    def climb(self) -> None:
        """Ask unit after unit, inner ones first."""
        self.open = set(self.question.open)
        pairs = sorted(self._pairs(), key=lambda each: (each.before.last - each.before.first, each.before.first))
        for pair in pairs:
            if pair.edits & self.open:
                outermost = max((each for each in pairs if each.holds(pair)), key=lambda each: each.size)
                self._ask(pair, outermost, sorted(pair.edits & self.open))
        for technique in (deeper, filling):
            for pair in pairs if self.open else ():
                self._ask_otherwise(pair, technique)
        for index in sorted(self.open):
            self._ask_outside(index)

    def reasons(self) -> Iterator[tuple[int, str]]:
        """Why the edits that are still open are."""
        placed = {index for each in self.solutions for index in each.edits}
        for index in self.question.open:
            if index in self.notes:
                yield index, self.notes[index]
            elif index not in placed:
                yield index, self.why.get(index, "no definition around it is on both sides of the fix")

    def _pairs(self) -> Iterator[Pair]:
        spans = [self.question.upstream.edits[index] for index in self.open]
        for unit in self.before.units:
            first, last = unit.lines(self.before.source)
            if not any(first <= each.a0 and each.a1 <= last for each in spans):
                continue
            index, count = ordinal(self.before.units, unit)
            twins = [each for each in self.after.units if each.name == unit.name]
            if len(twins) != count:
                continue
            inside = between(self.question.upstream, self.before, self.after, unit, twins[index])
            if inside & self.open:
                yield Pair(before=unit, after=twins[index], edits=inside)

    def _ask(self, pair: Pair, outermost: Pair, wanted: Sequence[int]) -> None:
        found = self.finder.find(pair.before)
        if isinstance(found, Refusal):
            self._refuse(wanted, found.reason)
            return
        if not self._same_encoding(found.file, wanted):
            self._refuse(wanted, "upstream's file and the pin's have different encodings")
            return
        frame = Frame.of(self.question.upstream, self.before, self.after, pair)
        if in_other_form(pair.before, found.unit):
            written = in_one_form(frame, found)
            if isinstance(written, Refusal):
                self._refuse(wanted, written.reason)
                return
            frame, found = written
        else:
            frame = frame.narrowed(outermost)
        for view in views(frame, found):
            still = [index for index in wanted if index in self.open]
            for index, verdict in view.verdicts(still).items() if still else ():
                self._take(index, verdict, view)
        self._refuse(wanted, "the pin indents the definition in a way that cannot be carried over")

    def _ask_otherwise(self, pair: Pair, technique: _Technique) -> None:
        """What is known of the insides of a function: blocks at another depth, expressions in other words."""
        wanted = sorted(pair.edits & self.open)
        found = self.finder.find(pair.before) if wanted and pair.before.kind == "function" else None
        if not isinstance(found, Counterpart) or not self._same_encoding(found.file, wanted):
            return
        if in_other_form(pair.before, found.unit):
            return
        frame = Frame.of(self.question.upstream, self.before, self.after, pair)
        for view, verdicts in technique(frame, found, wanted):
            for index, verdict in verdicts.items():
                if index in self.open:
                    self._take(index, verdict, view)

    def _ask_outside(self, index: int) -> None:
        """An edit that no unit answered for: new units, or a change of what the pin does not have."""
        if self._same_encoding(self.finder.file(self.question.path or ""), [index]):
            added = add_units(self.question, self.before, self.after, self.finder, index)
            if isinstance(added, Solution):
                self.solutions.append(added)
                return
            self._refuse([index], added.reason)
        absent = shown_absent(self.question, self.before, self.finder, index)
        if absent and self.question.path:
            self.solutions.append(Solution(edits=(index,), path=self.question.path, verdict=absent))

    def _refuse(self, wanted: Sequence[int], reason: str) -> None:
        """Keep a reason, the first one: it is about the innermost unit."""
        for index in wanted:
            self.why.setdefault(index, reason)

    def _same_encoding(self, file: File | None, wanted: Sequence[int]) -> bool:
        upstream = self.question.upstream
        plain = all("".join(upstream.added(upstream.edits[index])).isascii() for index in wanted)
        return plain or (file is not None and _is_utf8(file.text) == _is_utf8(upstream.after))

    def _take(self, index: int, verdict: Verdict, view: View) -> None:
        if isinstance(verdict, Refusal):
            self._refuse([index], verdict.reason)
            if verdict.final:
                self.open.discard(index)
            return
        back = None if isinstance(verdict, Unneeded) else view.moved.back(verdict)
        if back is None:
            self._refuse([index], "its place is outside the definition")
            return
        self.open.discard(index)
        if isinstance(back, Placement) and back.rung is Rung.ADAPT:
            self.notes[index] = "the change was made inside of a string literal that differs elsewhere"
        self._keep(index, view.found.file.path, _labelled(back, view))

    def _keep(self, index: int, path: str, verdict: Placement | Present) -> None:
        for at, each in enumerate(self.solutions):
            if each.path == path and each.verdict == verdict and isinstance(verdict, Placement):
                self.solutions[at] = replace(each, edits=(*each.edits, index))
                return
        self.solutions.append(Solution(edits=(index,), path=path, verdict=verdict))


def _is_utf8(text: Text) -> bool:
    try:
        text.to_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _labelled(verdict: Placement | Present, view: View) -> Placement | Present:
    if isinstance(verdict, Present):
        return replace(verdict, rung=Rung.STRUCTURE)
    share = (_MOVED if view.found.how else 1.0) * view.share
    score = round(min(verdict.score, _MOST) * share, 2)
    rung = Rung.ADAPT if verdict.rung is Rung.ADAPT else Rung.STRUCTURE
    return replace(verdict, rung=rung, score=score, verbatim=verdict.verbatim and view.share == 1.0)
