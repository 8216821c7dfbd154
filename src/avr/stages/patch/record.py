"""Hunks for the record: what became of each edit of a file, as people read it."""

from collections.abc import Sequence
from dataclasses import replace

from avr.model.backport import Hunk, HunkStatus, Origin, Rung
from avr.model.fix import ChangeKind, FileChange
from avr.stages.patch.change import Placement, Present, Refusal, Unneeded, Upstream
from avr.stages.patch.portfile import Answer
from avr.stages.patch.text import Replacement, Text, printable
from avr.stages.patch.weight import Weights


def hunks_of(
    upstream: Upstream, weight: Weights, kind: ChangeKind, target: str | None, answers: Sequence[Answer]
) -> list[Hunk]:
    """One hunk for each edit; an inert edit of a code file gets the kind `DOCS`, which does not count."""
    placements = dict.fromkeys(each.verdict for each in answers if isinstance(each.verdict, Placement))
    written = [each for placement in placements for each in placement.replacements]
    hunks: list[Hunk] = []
    for index, (edit, answer) in enumerate(zip(upstream.edits, answers, strict=True)):
        hunk = Hunk(
            path=upstream.path,
            kind=ChangeKind.DOCS if kind is ChangeKind.CODE and index in weight.inert else kind,
            start=edit.a0 + 1,
            removed=tuple(map(printable, upstream.removed(edit))),
            added=tuple(map(printable, upstream.added(edit))),
            status=HunkStatus.UNPLACED,
            target=target,
            tried=answer.tried,
        )
        hunks.append(answered(hunk, answer, written))
    return hunks


def answered(hunk: Hunk, answer: Answer, written: Sequence[Replacement]) -> Hunk:
    """The hunk with its verdict; `written` are all replacements made to the same file with it."""
    verdict = answer.verdict
    if isinstance(verdict, Refusal):
        return hunk
    if isinstance(verdict, Unneeded):
        tried = (*hunk.tried, verdict.reason)
        return replace(hunk, status=HunkStatus.UNNEEDED, rung=verdict.rung, score=1.0, tried=tried)
    if isinstance(verdict, Present):
        line = shifted(verdict.line, written)
        return replace(hunk, status=HunkStatus.PRESENT, rung=verdict.rung, line=line, score=1.0)
    return replace(
        hunk,
        status=HunkStatus.PLACED,
        rung=verdict.rung,
        origin=Origin.VERBATIM_UPSTREAM if verdict.verbatim else Origin.CONTEXT_ADAPTED,
        line=shifted(min(each.start for each in verdict.replacements), written),
        score=verdict.score,
    )


def shifted(line: int, written: Sequence[Replacement]) -> int:
    """The number (from 1) in the patched file of a line (from 0) of the pin."""
    return 1 + line + sum(len(each.lines) - each.end + each.start for each in written if each.start < line)


def whole_hunk(change: FileChange, kind: ChangeKind, status: HunkStatus, target: str, *tried: str) -> Hunk:
    """The hunk of a file that comes, goes or changes as a whole."""
    gone, come = Text.of(change.before or b"").lines, Text.of(change.after or b"").lines
    placed = status is not HunkStatus.UNPLACED
    return Hunk(
        path=change.path,
        kind=kind,
        start=1,
        removed=tuple(map(printable, gone)),
        added=tuple(map(printable, come)),
        status=status,
        rung=Rung.EXACT if placed else None,
        origin=Origin.VERBATIM_UPSTREAM if placed else None,
        target=target,
        line=1 if placed else None,
        score=1.0 if placed else 0.0,
        tried=tried,
    )
