"""The ladder on one file: every edit gets the answer of the strictest rung that gives one, then all are checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from avr.model.backport import Rung
from avr.stages.patch.change import Placement, Present, Refusal, RungTechnique, Upstream, Verdict
from avr.stages.patch.exact import place_exact
from avr.stages.patch.foreign import foreign_name
from avr.stages.patch.imports import drops_imports, still_needed
from avr.stages.patch.languages import read
from avr.stages.patch.languages.interface import Language
from avr.stages.patch.merge import place_merged
from avr.stages.patch.present import find_added, find_reversible
from avr.stages.patch.text import Replacement, Text
from avr.stages.patch.tokenwise import place_tokens

LADDER: tuple[tuple[Rung, RungTechnique], ...] = (
    (Rung.EXACT, place_exact),
    (Rung.MERGE, find_added),
    (Rung.MERGE, place_merged),
    (Rung.TOKEN, place_tokens),
    (Rung.TOKEN, find_reversible),
)
"""The techniques in the order in which they are asked, strictest first, and the rung that speaks in the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The last verdict on one edit and, rung by rung, why the ones before it were refusals."""

    verdict: Verdict
    tried: tuple[str, ...] = ()

    def refused(self, reason: str) -> "Answer":
        """The same edit refused after all."""
        return Answer(verdict=Refusal(reason=reason), tried=(*self.tried, reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ported:
    """A file of the pin with the edits made that found their place; `answers` has one for each edit, in order."""

    text: Text
    answers: tuple[Answer, ...]


def port(upstream: Upstream, pin: Text, wanted: Sequence[int]) -> Ported:
    """Carry the `wanted` edits (by index) onto the pin's text; the others get a refusal."""
    answers = [
        answer if index in set(wanted) else Answer(verdict=Refusal(reason="not wanted"))
        for index, answer in enumerate(_climbed(upstream, pin))
    ]
    answers = _with_known_names(upstream, pin, _written_in_one_encoding(upstream, pin, answers))
    answers = _without_overlaps(answers)
    ported = Ported(text=pin.replacing(_replacements(answers)), answers=tuple(answers))
    language = upstream.language
    if language is None:
        return ported
    ported = _with_needed_imports(upstream, pin, ported)
    for rungs in ({Rung.TOKEN}, set(Rung)):
        if not breaks(language, pin, ported.text, upstream):
            break
        ported = _without(ported, rungs, pin)
    return ported


def breaks(language: Language, pin: Text, patched: Text, upstream: Upstream | None = None) -> bool:
    """Whether today's parser understands less of the file than before.

    It is not asked to judge what the fix itself adds and it does not understand either.
    """
    if pin.lines == patched.lines or _new_pieces_parse(language, pin, patched):
        return False
    now = _faults(language, patched.lines)
    after = _faults(language, upstream.after.lines) if upstream else 0
    brought = after if not upstream or after <= 1 else max(after - _faults(language, upstream.before.lines), 0)
    return now > _faults(language, pin.lines) + brought


def _new_pieces_parse(language: Language, pin: Text, patched: Text) -> bool:
    """Whether each piece of the patched file that the pin does not have is understood; the others were not touched."""
    had = {each.alone(pin.lines) for each in language.pieces(pin.lines)}
    pieces = (each.alone(patched.lines) for each in language.pieces(patched.lines))
    return not any(_faults(language, piece) for piece in pieces if piece not in had)


def _faults(language: Language, lines: Sequence[str]) -> int:
    return language.faults("\n".join(lines) + "\n")


def _without(ported: Ported, rungs: set[Rung], pin: Text) -> Ported:
    """The file without what these rungs placed."""
    answers = [
        each.refused("the patched file does not parse")
        if isinstance(each.verdict, Placement) and each.verdict.rung in rungs
        else each
        for each in ported.answers
    ]
    return Ported(text=pin.replacing(_replacements(answers)), answers=tuple(answers))


def _climbed(upstream: Upstream, pin: Text) -> list[Answer]:
    answers = [Answer(verdict=Refusal(reason="not tried"))] * len(upstream.edits)
    for rung, technique in LADDER:
        if all(not isinstance(each.verdict, Refusal) or each.verdict.final for each in answers):
            break
        verdicts = technique(upstream, pin)
        answers = [_next(answer, rung, verdict) for answer, verdict in zip(answers, verdicts, strict=True)]
    return answers


def _next(answer: Answer, rung: Rung, verdict: Verdict) -> Answer:
    if not isinstance(answer.verdict, Refusal) or answer.verdict.final:
        return answer
    reason = (f"{rung}: {verdict.reason}",) if isinstance(verdict, Refusal) and verdict.reason else ()
    return Answer(verdict=verdict, tried=(*answer.tried, *reason))


def _replacements(answers: Sequence[Answer]) -> list[Replacement]:
    placements = dict.fromkeys(each.verdict for each in answers if isinstance(each.verdict, Placement))
    return [each for placement in placements for each in placement.replacements]


def _written_in_one_encoding(upstream: Upstream, pin: Text, answers: Sequence[Answer]) -> list[Answer]:
    """Refuse to bring bytes of one encoding into a file of another."""
    if _is_utf8(pin) == _is_utf8(upstream.after):
        return list(answers)
    return [
        answer.refused("upstream's file and the pin's have different encodings")
        if isinstance(answer.verdict, Placement) and not "".join(upstream.added(edit)).isascii()
        else answer
        for edit, answer in zip(upstream.edits, answers, strict=True)
    ]


def _with_known_names(upstream: Upstream, pin: Text, answers: Sequence[Answer]) -> list[Answer]:
    """Refuse what was merged into a definition that calls the variables otherwise."""
    found: list[Answer] = []
    for edit, answer in zip(upstream.edits, answers, strict=True):
        verdict = answer.verdict
        merged = isinstance(verdict, Placement) and verdict.rung is not Rung.EXACT
        name = foreign_name(upstream, pin, edit, verdict) if merged and isinstance(verdict, Placement) else None
        found.append(answer.refused(f"the pin knows no {name!r} here") if name else answer)
    return found


def _is_utf8(text: Text) -> bool:
    joined = "\n".join(text.lines)
    if joined.isascii():
        return True
    try:
        joined.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _without_overlaps(answers: Sequence[Answer]) -> list[Answer]:
    """Refuse every placement that meets another one at the same lines: one of the two must be wrong."""
    placed = {each.verdict for each in answers if isinstance(each.verdict, Placement)}
    spans = sorted(((r.start, r.end, p) for p in placed for r in p.replacements), key=lambda span: span[:2])
    bad: set[Placement] = set()
    furthest = spans[0] if spans else None
    for one, two in pairwise(spans):
        furthest = max(furthest or one, one, key=lambda span: span[1])
        if two[0] < furthest[1]:
            bad |= {furthest[2], one[2], two[2]}
        elif two[:2] == one[:2] and not (one[2].floating and two[2].floating):
            bad |= {one[2], two[2]}
    reason = "meets another edit at the same lines of the pin"
    return [each.refused(reason) if each.verdict in bad else each for each in answers]


def _with_needed_imports(upstream: Upstream, pin: Text, ported: Ported) -> Ported:
    """Give back imports that the fix drops and the patched pin still uses, beside the edit that dropped them."""
    before, after = (read(upstream.language, text.lines) for text in (upstream.before, upstream.after))
    if before is None or after is None or not drops_imports(before, after):
        return ported
    old, patched = (read(upstream.language, text.lines) for text in (pin, ported.text))
    if old is None or patched is None:
        return ported
    answers = list(ported.answers)
    for needed in sorted(still_needed(before, after, old, patched), key=str):
        for edit, answer in zip(upstream.edits, answers, strict=True):
            dropped = " ".join(upstream.removed(edit))
            line = old.language.import_line(needed, old)
            if isinstance(answer.verdict, Placement) and line and needed.bound in dropped:
                kept = _keeping(answer.verdict, line, pin)
                tried = (*answer.tried, f"the pin still needs {line!r}")
                answers = [Answer(verdict=kept, tried=tried) if a.verdict == answer.verdict else a for a in answers]
                break
    return Ported(text=pin.replacing(_replacements(answers)), answers=tuple(answers))


def _keeping(placement: Placement, statement: str, pin: Text) -> Placement | Present:
    """The placement with one import added behind what it writes; present where nothing is left to change."""
    *others, last = placement.replacements
    replaced = next((line for line in pin.lines[last.start : last.end] if line.strip()), "")
    indent = replaced[: len(replaced) - len(replaced.lstrip())]
    kept = Replacement(start=last.start, end=last.end, lines=(*last.lines, indent + statement))
    if not others and kept.lines == pin.lines[kept.start : kept.end]:
        return Present(rung=Rung.TOKEN, line=kept.start)
    return replace(placement, rung=Rung.TOKEN, replacements=(*others, kept), verbatim=False, score=0.75)
