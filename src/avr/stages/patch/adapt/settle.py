"""After all edits of a fix are placed: what the pin needs to live with them, and what became of that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from avr.model.backport import Hunk, HunkStatus, Origin, Rung
from avr.model.fix import ChangeKind
from avr.model.source import SourceTree
from avr.stages.patch.adapt.bring import Ground, Piece, bring, needs_of, view_of_file
from avr.stages.patch.adapt.dialect import in_dialect
from avr.stages.patch.adapt.lower import lower
from avr.stages.patch.adapt.needs import Need, source_of
from avr.stages.patch.adapt.runtimes import Runtime
from avr.stages.patch.imports import imports_of, used_names
from avr.stages.patch.languages import language_of
from avr.stages.patch.languages.interface import Import, Source
from avr.stages.patch.languages.python import PYTHON
from avr.stages.patch.question import Around
from avr.stages.patch.record import shifted
from avr.stages.patch.text import Replacement, Text, printable
from avr.tools.diff import edits

_BROUGHT = 0.75
_LOWERED = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The tree with what was brought, all hunks with their places in it, and the paths that changed."""

    tree: SourceTree
    hunks: tuple[Hunk, ...]
    touched: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What the rungs left: the tree before and after, the hunks, and upstream's paths in the tree.

    `code` holds the patched code where the tree is that of the tests.
    """

    old: SourceTree
    tree: SourceTree
    hunks: Sequence[Hunk]
    found: Mapping[str, str]
    kind: ChangeKind
    code: Mapping[str, bytes | None] | None = None


def settle(placed: Placed, around: Around, minimum: Runtime | None) -> Settled:
    """Write the placed edits for the pin's oldest runtime, and bring what they lean on.

    What cannot be brought becomes an unplaced hunk of its own.
    """
    state = _lowered(placed, Settled(tree=placed.tree, hunks=tuple(placed.hunks), touched=()), minimum)
    ground = _ground(placed, around, minimum)
    state = _spoken(state, ground)
    state = _with_brought(placed, state, ground)
    state = _lowered(placed, state, minimum, state.touched)
    return replace(state, hunks=tuple(_without_idle_imports(state)))


def _spoken(state: Settled, ground: Ground) -> Settled:
    """The placed lines in the pin's dialect."""
    for path, target in ground.pairs:
        view = view_of_file(ground, state.tree, path, target)
        if view is None or view.old is None:
            continue
        new = Text.of(state.tree.files[target])
        spoken = in_dialect(view, view.old, new, needs_of(ground, state.tree, view), ground.minimum)
        if spoken == new:
            continue
        written = _rewritten(state.hunks, target, new, spoken, "in the pin's own words")
        hunks = tuple(_unmade(hunk, target, view.old) for hunk in written)
        tree = state.tree.replacing({target: spoken.to_bytes()})
        state = Settled(tree=tree, hunks=hunks, touched=state.touched)
    return state


def _unmade(hunk: Hunk, target: str, old: Source) -> Hunk:
    """An import that turned out to be there already is present."""
    ours = hunk.target == target and hunk.status is HunkStatus.PLACED and hunk.rung is Rung.ADAPT
    if not ours or not _is_there(hunk, old):
        return hunk
    return replace(hunk, status=HunkStatus.PRESENT, origin=None, line=1, score=1.0)


def _without_idle_imports(state: Settled) -> Iterator[Hunk]:
    """The hunks, open ones that import what the patched file does without told to be unneeded."""
    for hunk in state.hunks:
        idle = hunk.status is HunkStatus.UNPLACED and hunk.target is not None and not "".join(hunk.removed).strip()
        source = source_of(state.tree, hunk.target) if idle and hunk.target else None
        reason = _idle(hunk, source) if source else ""
        if source and not reason and _is_there(hunk, source):
            yield replace(hunk, status=HunkStatus.PRESENT, rung=Rung.ADAPT, line=1, score=1.0)
        elif reason:
            yield replace(hunk, status=HunkStatus.UNNEEDED, rung=Rung.ADAPT, score=1.0, tried=(*hunk.tried, reason))
        else:
            yield hunk


def _idle(hunk: Hunk, source: Source) -> str:
    """Why a hunk that only imports is not needed; empty where it does more or where that cannot be told."""
    if hunk.target is None or hunk.target.endswith("__init__.py"):
        return ""
    names = {each.bound for each in _imported(hunk, source)}
    return "the patched file uses nothing of what is imported" if names and not names & used_names(source) else ""


def _is_there(hunk: Hunk, source: Source) -> bool:
    """Whether the file imports all that the hunk does, from modules that were moved but not renamed."""
    here = {(each.bound, _tail(each)) for each in imports_of(source)}
    wanted = {(each.bound, _tail(each)) for each in _imported(hunk, source)}
    return bool(wanted) and wanted <= here


def _tail(imported: Import) -> str:
    return (imported.module or imported.name).rsplit(".", 1)[-1]


def _imported(hunk: Hunk, source: Source) -> list[Import]:
    """What a hunk imports; nothing where it does more than that, or imports everything of a module."""
    lines = tuple(line.encode("utf-8", "backslashreplace").decode("latin-1").strip() for line in hunk.added)
    added = source.language.read(lines)
    found = [source.language.imports(each) for each in added.statements] if added else []
    names = [one for each in found for one in each]
    return [] if not all(found) or any(each.name == "*" for each in names) else names


def _lowered(placed: Placed, state: Settled, minimum: Runtime | None, only: Sequence[str] | None = None) -> Settled:
    """The placed lines for the oldest runtime; `only` are the files to look at where not all are."""
    targets = (target for _, target in _pairs(placed)) if only is None else only
    for path in dict.fromkeys(targets) if minimum else ():
        old, new = placed.old.get(path), state.tree.get(path)
        if new is None or new == old or language_of(path) is not PYTHON:
            continue
        lowered = lower(Text.of(old or b""), Text.of(new), minimum)
        told = f"written for Python {minimum[0]}.{minimum[1]}: {', '.join(lowered.done)}" if minimum else ""
        hunks = tuple(_rewritten(state.hunks, path, Text.of(new), lowered.text, told))
        tree = state.tree.replacing({path: lowered.text.to_bytes()}) if lowered.done else state.tree
        state = Settled(tree=tree, hunks=hunks, touched=state.touched)
    return state


def _rewritten(hunks: Sequence[Hunk], path: str, text: Text, rewritten: Text, how: str) -> Iterator[Hunk]:
    """The hunks with their lines counted in the rewritten file, those that were rewritten told apart."""
    made = edits(text.lines, rewritten.lines)
    replaced = [Replacement(start=e.a0, end=e.a1, lines=rewritten.lines[e.b0 : e.b1]) for e in made]
    starts = sorted(hunk.line - 1 for hunk in hunks if hunk.target == path and hunk.line is not None)
    homes = {max((start for start in starts if start <= each.a0), default=-1) for each in made}
    for hunk in hunks:
        if hunk.target != path or hunk.line is None:
            yield hunk
        elif hunk.status is HunkStatus.PLACED and hunk.line - 1 in homes:
            line, tried = shifted(hunk.line - 1, replaced), (*hunk.tried, f"{Rung.ADAPT}: {how}")
            yield replace(hunk, line=line, tried=tried, rung=Rung.ADAPT, origin=Origin.CONTEXT_ADAPTED, score=_LOWERED)
        else:
            yield replace(hunk, line=shifted(hunk.line - 1, replaced))


def _with_brought(placed: Placed, state: Settled, ground: Ground) -> Settled:
    brought = bring(ground, state.tree)
    hunks = list(state.hunks)
    for piece in brought.pieces:
        made = _hunk(piece, placed.kind)
        done = next((index for index, hunk in enumerate(hunks) if _says_no_more(hunk, made)), None)
        hunks = [_moved(hunk, piece) for hunk in hunks]
        if done is None:
            hunks.append(made)
        else:
            hunks[done] = replace(made, start=hunks[done].start, added=hunks[done].added, kind=hunks[done].kind)
    hunks += [_missing(need, reason, placed.kind) for need, reason in brought.missing]
    touched = tuple(dict.fromkeys(piece.need.target for piece in brought.pieces))
    return Settled(tree=brought.tree, hunks=tuple(hunks), touched=touched)


def _ground(placed: Placed, around: Around, minimum: Runtime | None) -> Ground:
    return Ground(
        old=placed.old,
        upstream=_upstream(around),
        found=placed.found,
        pairs=_pairs(placed),
        minimum=minimum,
        code=placed.code,
    )


def _pairs(placed: Placed) -> tuple[tuple[str, str], ...]:
    """Upstream's files and the pin's that were patched from them."""
    hunks = [hunk for hunk in placed.hunks if hunk.status is HunkStatus.PLACED]
    moved = ((hunk.path, hunk.target) for hunk in hunks if hunk.target is not None)
    return tuple(dict.fromkeys((*placed.found.items(), *moved)))


def _upstream(around: Around) -> SourceTree:
    """As much of upstream's tree after the fix as is known."""
    whole = around.upstream or around.before
    gone = {path: None for path in around.before.files if path not in around.after}
    return whole.replacing({**gone, **around.after.files})


def _moved(hunk: Hunk, piece: Piece) -> Hunk:
    if hunk.line is None or hunk.target != piece.need.target:
        return hunk
    return replace(hunk, line=shifted(hunk.line - 1, [piece.replacement]))


def _hunk(piece: Piece, kind: ChangeKind) -> Hunk:
    return Hunk(
        path=piece.need.path,
        kind=kind,
        start=piece.start + 1,
        removed=(),
        added=tuple(map(printable, piece.lines)),
        status=HunkStatus.PLACED,
        rung=Rung.ADAPT,
        origin=Origin.CONTEXT_ADAPTED,
        target=piece.need.target,
        line=piece.replacement.start + 1,
        score=_BROUGHT,
        tried=(f"{piece.need.name!r} was brought because {piece.need.because} uses it",),
    )


def _says_no_more(hunk: Hunk, made: Hunk) -> bool:
    """Whether an open hunk of the fix adds nothing but what was brought."""
    wanted, come = {line.strip() for line in hunk.added} - {""}, {line.strip() for line in made.added} - {""}
    is_open = hunk.status is HunkStatus.UNPLACED and hunk.path == made.path and not hunk.removed
    return is_open and bool(wanted) and wanted == come


def _missing(need: Need, reason: str, kind: ChangeKind) -> Hunk:
    return Hunk(
        path=need.path,
        kind=kind,
        start=1,
        removed=(),
        added=(),
        status=HunkStatus.UNPLACED,
        target=need.target,
        tried=(f"{Rung.ADAPT}: {need.because} uses {need.name!r}, which cannot be brought: {reason}",),
    )
