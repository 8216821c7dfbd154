"""What patched files of the pin lean on and the pin does not have: names, members of classes, names of other modules.

Only what is new counts, and only what upstream plainly has: a name that the pin's file used before the patch, or that
upstream's file does not bind, is no need.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avr.model.source import SourceTree
from avr.stages.patch.adapt.modules import module_file
from avr.stages.patch.adapt.undefined import undefined
from avr.stages.patch.adapt.words import Kind, attributes, bare_names, bindings, members, own_attributes
from avr.stages.patch.languages import language_of
from avr.stages.patch.languages.interface import Import, Language, Scope, Source, Statement
from avr.stages.patch.text import Text
from avr.tools.diff import edits


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A name that the pin's file at `target` lacks; upstream's file at `path` binds it in `scope`."""

    name: str
    path: str
    target: str
    scope: Scope = ()
    because: str
    """Who uses it, as people read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One file on both sides: upstream's after the fix, the pin's before the patch (None if new) and after it."""

    path: str
    target: str
    language: Language
    theirs: Source
    old: Source | None
    new: Source
    pin: SourceTree
    upstream: SourceTree


def source_of(tree: SourceTree, path: str) -> Source | None:
    """A file's statements; None where the tree has no such file or it cannot be read."""
    data, language = tree.get(path), language_of(path)
    return language.read(Text.of(data).lines) if data is not None and language else None


def changed_statements(old: Source | None, new: Source) -> list[Statement]:
    """The statements of a file that were not there before."""
    if old is None:
        return list(new.statements)
    return [each for edit in edits(old.keys, new.keys) for each in new.statements[edit.b0 : edit.b1]]


def initial_needs(view: View) -> list[Need]:
    """Everything that the changed statements of one file lean on and the pin lacks, in order of their names."""
    statements = changed_statements(view.old, view.new)
    found = [*_names(view, statements), *_members(view, statements), *needs_elsewhere(view, statements)]
    return list(dict.fromkeys(found))


def needs_elsewhere(view: View, statements: Sequence[Statement]) -> Iterator[Need]:
    """Names that the statements ask of other modules of the pin's tree."""
    for statement in statements:
        for each in sorted(view.language.imports(statement), key=str):
            if each.module is not None and each.name != "*":
                yield from _lacking(view, each.module, each.name)
    here = bindings(view.new)
    for left, name in sorted(attributes(statements)):
        bound = here.get(left)
        if bound is not None and bound.imported is not None:
            module = _as_module(bound.imported)
            if module_file(view.pin, view.target, module):
                yield from _lacking(view, module, name)


def _as_module(imported: Import) -> str:
    if imported.module is None:
        return imported.name if imported.alias else imported.name.split(".")[0]
    joint = "" if imported.module.endswith(".") else "."
    return f"{imported.module}{joint}{imported.name}"


def _lacking(view: View, module: str, name: str) -> Iterator[Need]:
    there, origin = module_file(view.pin, view.target, module), module_file(view.upstream, view.path, module)
    if there is None or origin is None or there == view.target:
        return
    mine, theirs = source_of(view.pin, there), source_of(view.upstream, origin)
    if mine is None or theirs is None or not is_plain(mine):
        return
    submodule = module_file(view.pin, view.target, _as_module(Import(module=module, name=name)))
    if name not in bindings(mine) and name in bindings(theirs) and submodule is None:
        yield Need(name=name, path=origin, target=there, because=view.target)


def is_plain(source: Source) -> bool:
    """Whether the names that a module binds can be told: no star imports, no `__getattr__`, no `globals()`."""
    if "__getattr__" in source.text or "globals()" in source.text:
        return False
    return not any(each.name == "*" for one in source.statements for each in source.language.imports(one))


def _names(view: View, statements: Sequence[Statement]) -> Iterator[Need]:
    here, there = bindings(view.new), bindings(view.theirs)
    wanted = (bare_names(statements, view.new) & there.keys()) - here.keys()
    if not wanted:
        return
    for name in sorted(wanted & _unknown(view)):
        yield Need(name=name, path=view.path, target=view.target, because=view.target)


def _unknown(view: View) -> frozenset[str]:
    """Names that are undefined now and were not before; where that cannot be told, those used for the first time."""
    if view.language.name == "Python":
        now = undefined(_bytes(view.new))
        before = undefined(_bytes(view.old)) if view.old else frozenset()
        if now is not None and before is not None:
            return now - before
    used = bare_names(view.new.statements, view.new)
    return frozenset(used - (bare_names(view.old.statements, view.old) if view.old else set()))


def _bytes(source: Source) -> bytes:
    return source.text.encode("latin-1")


def _members(view: View, statements: Sequence[Statement]) -> Iterator[Need]:
    """Methods and class constants behind `self`, where upstream's class of that name has them and the file has not."""
    used = own_attributes(statements)
    if not used or view.old is None:
        return
    shapes = [each.shape for each in view.old.statements if not used.isdisjoint(each.words)]
    pairs = (pair for each in shapes for pair in zip(each.kinds, each.norms, strict=True))
    known = {norm for kind, norm in pairs if kind == "name"}
    scopes = view.language.scopes(tuple(view.new.text.split("\n")))
    classes = {each.lexical for each in view.language.definitions(view.new) if each.is_class}
    for statement in statements:
        around = scopes[statement.first]
        holder = next((around[:n] for n in range(len(around), 0, -1) if around[:n] in classes), None)
        if holder is None:
            continue
        for name in sorted(own_attributes([statement]) - known):
            has = members(view.theirs, holder).get(name)
            if has and has.kind in {Kind.DEFINITION, Kind.CONSTANT} and name not in members(view.new, holder):
                yield Need(name=name, path=view.path, target=view.target, scope=holder, because=view.target)
