"""What the placed edits lean on and the pin lacks, brought from upstream: the smallest closed set, or nothing.

Imports join the pin's imports; helpers, constants, exceptions and methods go beside the siblings they stand beside
upstream. What they rest on themselves comes along, up to `_PIECES` pieces of `_LINES` lines in all; a set that cannot
be closed is refused whole, and then nothing of it is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from textwrap import dedent

from avr.model.source import SourceTree
from avr.stages.patch.adapt.available import problem
from avr.stages.patch.adapt.insert import insert_import, insert_unit
from avr.stages.patch.adapt.lower import lower
from avr.stages.patch.adapt.modules import counterpart, module_file, own_module
from avr.stages.patch.adapt.needs import Need, View, initial_needs, is_plain, needs_elsewhere, source_of
from avr.stages.patch.adapt.runtimes import Runtime
from avr.stages.patch.adapt.undefined import free_names
from avr.stages.patch.adapt.words import Binding, Kind, bare_names, bindings, members, own_attributes
from avr.stages.patch.change import Refusal
from avr.stages.patch.languages import language_of
from avr.stages.patch.languages.interface import Import, Source
from avr.stages.patch.text import Replacement, Text

_PIECES = 6
_LINES = 120
_ROUNDS = 40
"""Needs that one closed set may have in all, imports counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing brought: the replacement as it was made to the pin's file at `target`, in the order of making."""

    need: Need
    start: int
    lines: tuple[str, ...]
    replacement: Replacement


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """The tree with everything that could be brought, its pieces, and what is missing still with the reason."""

    tree: SourceTree
    pieces: tuple[Piece, ...]
    missing: tuple[tuple[Need, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What `bring` stands on: the pin before the patch, upstream's tree, upstream's paths found in the pin.

    `pairs` are the files to look at: upstream's path and the pin's, several for one file where parts of it moved.

    Where `old` are the tests, `code` holds the files of the patched code that differ from it: they are looked into and
    never written to. It is None where `old` is the code itself.
    """

    old: SourceTree
    upstream: SourceTree
    found: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...]
    minimum: Runtime | None = None
    code: Mapping[str, bytes | None] | None = None
    asked: dict[tuple[str, str], tuple[SourceTree, list[Need]]] = field(default_factory=dict, compare=False)
    """What `needs_of` found, by upstream's path and the pin's, and the tree that was looked at."""


def bring(ground: Ground, tree: SourceTree) -> Brought:
    """Bring what the files of `ground.pairs` lean on since they were patched; `tree` is the patched one."""
    pieces: list[Piece] = []
    missing: list[tuple[Need, str]] = []
    for path, target in ground.pairs:
        view = view_of_file(ground, tree, path, target)
        for need in needs_of(ground, tree, view) if view else ():
            closure = _Closure(ground=ground, tree=tree)
            reason = closure.close(need)
            if reason:
                missing.append((need, reason))
            else:
                tree = closure.tree
                pieces += closure.pieces
    return Brought(tree=tree, pieces=tuple(pieces), missing=tuple(missing))


def needs_of(ground: Ground, tree: SourceTree, view: View) -> list[Need]:
    """The needs of a file of the patched tree that `view` shows; asked once as long as the tree is the same."""
    seen, needs = ground.asked.get((view.path, view.target), (None, []))
    if seen is not tree:
        needs = initial_needs(view)
        ground.asked[view.path, view.target] = tree, needs
    return needs


def view_of_file(ground: Ground, tree: SourceTree, path: str, target: str) -> View | None:
    """A patched file on both sides; None where it did not change or one of the sides cannot be read."""
    language = language_of(target)
    theirs, new = source_of(ground.upstream, path), source_of(tree, target)
    if language is None or theirs is None or new is None or tree.get(target) == ground.old.get(target):
        return None
    return View(
        path=path,
        target=target,
        language=language,
        theirs=theirs,
        old=source_of(ground.old, target),
        new=new,
        pin=_seen(ground, tree),
        upstream=ground.upstream,
    )


def _seen(ground: Ground, tree: SourceTree) -> SourceTree:
    """The tree as imports see it: code that was patched elsewhere wins over the pin's."""
    return tree if ground.code is None else tree.replacing(ground.code)


@dataclass(slots=True, kw_only=True)
class _Closure:
    """One need with all it rests on, made to a tree of its own."""

    ground: Ground
    tree: SourceTree
    pieces: list[Piece] = field(default_factory=list)
    asked: set[tuple[str, tuple[str, ...], str]] = field(default_factory=set)

    def close(self, need: Need) -> str:
        """Make the need and everything below it; the reason where that cannot be done."""
        key = (need.target, need.scope, need.name)
        if key in self.asked:
            return ""
        self.asked.add(key)
        if len(self.asked) > _ROUNDS:
            return "too much hangs on it"
        view = _view_of(self.ground, self.tree, need)
        if isinstance(view, str):
            return view
        if need.name in (members(view.new, need.scope) if need.scope else bindings(view.new)):
            return ""
        found = (members(view.theirs, need.scope) if need.scope else bindings(view.theirs)).get(need.name)
        if found is None:
            return f"upstream does not define {need.name!r} plainly"
        return self._import(need, view, found) if found.kind is Kind.IMPORT else self._unit(need, view, found)

    def _import(self, need: Need, view: View, found: Binding) -> str:
        assert found.imported is not None, "an import is bound by an import"
        reason = self._importable(need, view, found.imported)
        if reason:
            return reason
        now = source_of(self.tree, need.target)
        return self._written(need, found, view, insert_import(view.theirs, found, now) if now else None)

    def _importable(self, need: Need, view: View, wanted: Import) -> str:
        """Why an import cannot work in the pin; what it asks of a module of the pin's is brought there first."""
        module = wanted.module or wanted.name
        there = module_file(view.pin, need.target, module)
        origin = module_file(self.ground.upstream, need.path, module)
        if wanted.module is not None and there is not None and _has(view, need.target, there, wanted):
            return ""
        if wanted.module is None and there is not None:
            return ""
        if there is None and origin is None and not own_module(view.pin, need.target, module):
            return problem(view.pin, need.target, module, wanted.name if wanted.module else None, self.ground.minimum)
        if origin is None or wanted.module is None or wanted.name == "*":
            return f"the pin has no {wanted.name!r} in {module!r}" if there else f"the pin has no module {module!r}"
        target = there or counterpart(self.tree, origin, self.ground.found)
        return self.close(Need(name=wanted.name, path=origin, target=target, because=need.target))

    def _unit(self, need: Need, view: View, found: Binding) -> str:
        statements = view.theirs.statements[found.first : found.last]
        if any("TYPE_CHECKING" in each.words for each in statements[:1]):
            return f"{need.name!r} exists for type checkers only"
        if len(self.pieces) >= _PIECES or sum(len(each.lines) for each in self.pieces) > _LINES:
            return "too much hangs on it"
        for each in self._below(need, view, found):
            if reason := self.close(each):
                return f"{each.name!r}, which it uses: {reason}"
        now = source_of(self.tree, need.target) or _empty(view.theirs)
        return self._written(need, found, view, insert_unit(view.theirs, found, need.scope, now))

    def _below(self, need: Need, view: View, found: Binding) -> list[Need]:
        """What a definition asks of its file, its class and other modules, as far as the pin lacks it."""
        statements = view.theirs.statements[found.first : found.last]
        lines = tuple(view.theirs.text.split("\n")[statements[0].first : statements[-1].last])
        free = free_names(self._lowered(lines)) if view.language.name == "Python" else None
        used = bare_names(statements, view.theirs) - {need.name}
        used &= bindings(view.theirs).keys() - bindings(view.new).keys()
        wanted = sorted(used if free is None else used & free)
        below = [replace(need, name=name, scope=(), because=need.name) for name in wanted]
        if need.scope:
            has, here = members(view.theirs, need.scope), members(view.new, need.scope)
            own = (own_attributes(statements) & has.keys()) - here.keys() - {need.name}
            below += [replace(need, name=name, because=need.name) for name in sorted(own)]
        below += [each for each in needs_elsewhere(view, statements) if each.name != need.name]
        return below

    def _lowered(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """The lines as they will be written; what only an annotation uses is not asked for where none is kept."""
        data = dedent("\n".join(lines) + "\n").encode("latin-1")
        return lower(Text.of(b""), Text.of(data), self.ground.minimum).text.lines

    def _written(self, need: Need, found: Binding, view: View, made: Replacement | Refusal | None) -> str:
        if made is None or isinstance(made, Refusal):
            return made.reason if made else f"{need.target!r} cannot be read"
        data = self.tree.get(need.target)
        text = Text.of(data) if data is not None else Text(lines=())
        changed = text.replacing([made])
        if view.language.parses(text.to_bytes()) and not view.language.parses(changed.to_bytes()):
            return f"{need.target!r} would not parse with {need.name!r}"
        self.tree = self.tree.replacing({need.target: changed.to_bytes()})
        start = view.theirs.statements[found.first].first
        lines = made.lines if made.start == made.end else (str(found.imported),)
        self.pieces.append(Piece(need=need, start=start, lines=lines, replacement=made))
        now = source_of(self.tree, need.target)
        if now is not None and not need.scope and _used_before(now, need.name):
            return f"{need.name!r} would be used before it is defined"
        return ""


def _view_of(ground: Ground, tree: SourceTree, need: Need) -> View | str:
    language = language_of(need.target)
    theirs = source_of(ground.upstream, need.path)
    new = source_of(tree, need.target)
    if language is None or theirs is None or (need.target in tree and new is None):
        return f"{need.path!r} cannot be read"
    if ground.code is not None and not _is_test(need.target):
        return f"{need.target!r} is code, which tests do not change"
    if new is None and not _has_folder(tree, need.target):
        return f"the pin has no folder for {need.target!r}"
    return View(
        path=need.path,
        target=need.target,
        language=language,
        theirs=theirs,
        old=source_of(ground.old, need.target),
        new=new or _empty(theirs),
        pin=_seen(ground, tree),
        upstream=ground.upstream,
    )


def _is_test(path: str) -> bool:
    """Whether a file is surely no part of what is delivered; `django/test/utils.py` is."""
    *folders, name = path.split("/")
    apart = any(each in {"tests", "__tests__"} for each in folders) or folders[:1] in (["test"], ["spec"], ["testing"])
    return apart or name.startswith("test_") or ".test." in name or "_test." in name


def _has_folder(tree: SourceTree, path: str) -> bool:
    folder, _, _ = path.rpartition("/")
    return not folder or any(each.startswith(folder + "/") for each in tree)


def _has(view: View, target: str, there: str, wanted: Import) -> bool:
    mine = source_of(view.pin, there)
    joint = "" if (wanted.module or "").endswith(".") else "."
    submodule = module_file(view.pin, target, f"{wanted.module}{joint}{wanted.name}")
    return mine is None or wanted.name == "*" or wanted.name in bindings(mine) or bool(submodule) or not is_plain(mine)


def _empty(like: Source) -> Source:
    return Source(text="", statements=(), keys=(), language=like.language)


def _used_before(source: Source, name: str) -> bool:
    """Whether statements of the top level use a name above the place that binds it."""
    bound = bindings(source).get(name)
    if bound is None:
        return True
    above = [each for each in source.statements[: bound.first] if each.level == 0]
    return name in bare_names(above, source)
