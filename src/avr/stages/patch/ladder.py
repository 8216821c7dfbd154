"""Fixes stacked on a pinned tree: files found, edits placed by the ladder, hunks recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from avr.model.backport import Backport, Hunk, HunkStatus, PortedFix
from avr.model.fix import ChangeKind, FileChange, Fix
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.stages.patch.adapt.settle import Placed, settle
from avr.stages.patch.beyond import go_beyond
from avr.stages.patch.change import Refusal, Upstream
from avr.stages.patch.paths import find_file, place_file
from avr.stages.patch.portfile import Answer, port
from avr.stages.patch.question import Around, Question
from avr.stages.patch.record import hunks_of, whole_hunk
from avr.stages.patch.text import Text
from avr.stages.patch.weight import Weights, weights


def backport(
    pinned: SourceTree,
    steps: Sequence[tuple[AdvisoryId, Fix]],
    tests_tree: SourceTree,
    *,
    upstream: SourceTree | None = None,
    minimum: tuple[int, int] | None = None,
) -> Backport:
    """Carry the fixes onto `pinned` in order, and their tests onto `tests_tree`.

    Documentation and packaging changes are dropped, and so are version bumps inside code. Hunks of code files that
    touch nothing but comments, docstrings or blank lines are tried and recorded with the kind `DOCS`: they do not count
    for completeness. `security_tests` holds every test file that the fixes touch and that could be ported at least in
    part. `upstream`, the whole tree before the fixes, is where helpers come from that the pin lacks; `minimum` is the
    oldest runtime that the pin supports, such as (3, 6).
    """
    code, tests = pinned, tests_tree
    ported: list[PortedFix] = []
    security_tests: dict[str, bytes] = {}
    for advisory, fix in steps:
        around = replace(_around(fix), upstream=upstream, minimum=minimum)
        on_code = _carried(code, fix.of_kind(ChangeKind.CODE), ChangeKind.CODE, around)
        _settle(on_code, code)
        on_tests = _carried(tests, fix.of_kind(ChangeKind.TEST), ChangeKind.TEST, around)
        changed = pinned.differing(on_code.tree) if on_tests.touched else ()
        _settle(on_tests, tests, {path: on_code.tree.get(path) for path in changed})
        code, tests = on_code.tree, on_tests.tree
        security_tests |= {path: tests.files[path] for path in on_tests.touched if path in tests}
        ported.append(PortedFix(advisory=advisory, fix=fix, hunks=(*on_code.hunks, *on_tests.hunks)))
    kept = {path: data for path, data in security_tests.items() if tests.get(path) == data}
    return Backport(pinned=pinned, patched=code, ported=tuple(ported), security_tests=kept)


@dataclass(slots=True)
class _Carrying:
    """Changes of one kind being made to a tree; `found` maps upstream's paths to the tree's."""

    tree: SourceTree
    kind: ChangeKind
    around: Around
    hunks: list[Hunk] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)

    def change(self, path: str, content: bytes | None) -> None:
        self.tree = self.tree.replacing({path: content})
        self.touched.append(path)


def _around(fix: Fix) -> Around:
    before = {each.path_before or each.path: each.before for each in fix.files if each.before is not None}
    after = {each.path: each.after for each in fix.files if each.after is not None}
    return Around(before=SourceTree(files=before), after=SourceTree(files=after))


def _carried(tree: SourceTree, changes: Sequence[FileChange], kind: ChangeKind, around: Around) -> _Carrying:
    state = _Carrying(tree, kind, around)
    for change in sorted(changes, key=lambda each: each.before is None):
        if change.before is None:
            _create(state, change)
        elif change.after is None:
            _delete(state, change)
        else:
            _edit(state, change, change.before, change.after)
    return state


def _settle(state: _Carrying, old: SourceTree, code: Mapping[str, bytes | None] | None = None) -> None:
    """Bring what the placed edits lean on; `code` is what tests see of the patched code."""
    placed = Placed(old=old, tree=state.tree, hunks=state.hunks, found=state.found, kind=state.kind, code=code)
    settled = settle(placed, state.around, state.around.minimum)
    state.tree, state.hunks = settled.tree, list(settled.hunks)
    state.touched += settled.touched


def _create(state: _Carrying, change: FileChange) -> None:
    content = change.after or b""
    path = place_file(state.tree, change.path, state.found)
    state.found[change.path] = path
    there = state.tree.get(path)
    if there == content:
        state.hunks.append(whole_hunk(change, state.kind, HunkStatus.PRESENT, path))
    elif there is None or state.kind is ChangeKind.TEST:
        state.change(path, content)
        state.hunks.append(whole_hunk(change, state.kind, HunkStatus.PLACED, path))
        return
    else:
        state.hunks.append(whole_hunk(change, state.kind, HunkStatus.UNPLACED, path, "the pin has another file here"))
    if state.kind is ChangeKind.TEST:
        state.touched.append(path)


def _delete(state: _Carrying, change: FileChange) -> None:
    path = change.path_before or change.path
    if state.kind is ChangeKind.TEST:
        return
    there = state.tree.get(path)
    if there is None:
        state.hunks.append(whole_hunk(change, state.kind, HunkStatus.PRESENT, path))
    elif Text.of(there).lines == Text.of(change.before or b"").lines:
        state.change(path, None)
        state.hunks.append(whole_hunk(change, state.kind, HunkStatus.PLACED, path))
    else:
        reason = "the file that the fix deletes is different in the pin"
        state.hunks.append(whole_hunk(change, state.kind, HunkStatus.UNPLACED, path, reason))


def _edit(state: _Carrying, change: FileChange, before: bytes, after: bytes) -> None:
    found = find_file(state.tree, change.path_before or change.path, before)
    if isinstance(found, Refusal):
        if state.kind is ChangeKind.TEST:
            _create(state, change)
        else:
            upstream = Upstream.of(before, after, change.path)
            answer = Answer(verdict=found, tried=(found.reason,))
            _record(state, upstream, weights(upstream), None, [answer] * len(upstream.edits))
        return
    state.found[change.path_before or change.path] = found
    content = state.tree.files[found]
    if b"\0" in before + after + content:
        _swap(state, change, found)
        return
    upstream = Upstream.of(before, after, change.path)
    weight = weights(upstream, state.kind)
    wanted = [index for index in range(len(upstream.edits)) if index not in weight.versions]
    ported = port(upstream, Text.of(content), wanted)
    data = ported.text.to_bytes()
    if data != content:
        state.change(found, data)
    hunks = _record(state, upstream, weight, found, ported.answers)
    if state.kind is ChangeKind.TEST and any(hunk.status is not HunkStatus.UNPLACED for hunk in hunks):
        state.touched.append(found)


def _record(
    state: _Carrying, upstream: Upstream, weight: Weights, path: str | None, answers: Sequence[Answer]
) -> list[Hunk]:
    """Ask the rungs beyond the file about what is open still, and keep what became of every edit that counts."""
    hunks = hunks_of(upstream, weight, state.kind, path, answers)
    open_ = [i for i, each in enumerate(answers) if isinstance(each.verdict, Refusal) and not each.verdict.final]
    question = Question(
        upstream=upstream,
        open=tuple(index for index in open_ if index not in weight.versions),
        tree=state.tree,
        path=path,
        kind=state.kind,
        around=state.around,
    )
    extended = go_beyond(question, hunks)
    state.tree = extended.tree
    state.touched += extended.touched
    kept = [hunk for index, hunk in enumerate(extended.hunks) if index not in weight.versions]
    state.hunks += kept
    return kept


def _swap(state: _Carrying, change: FileChange, path: str) -> None:
    """A binary file changes as a whole or not at all."""
    there = state.tree.files[path]
    status = HunkStatus.PRESENT if there == change.after else HunkStatus.PLACED
    if there not in (change.before, change.after) and state.kind is ChangeKind.CODE:
        reason = "a binary file is different in the pin"
        state.hunks.append(whole_hunk(change, state.kind, HunkStatus.UNPLACED, path, reason))
        return
    state.change(path, change.after)
    state.hunks.append(whole_hunk(change, state.kind, status, path))
