"""The public interface of changed modules before and after, read by griffe without importing anything.

https://mkdocstrings.github.io/griffe/guide/users/checking/ lists what counts as breaking. A changed default, value or
annotation is told but not held against a fix: that is how many holes are closed.
"""

import logging
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from avr.ecosystems.pypi import suite
from avr.model.behaviour import ApiChange, ApiComparison
from avr.model.source import SourceTree
from avr.tools.python_syntax import PARSING

if TYPE_CHECKING:
    import griffe

_TOLD = frozenset({"PARAMETER_CHANGED_DEFAULT", "ATTRIBUTE_CHANGED_VALUE", "ATTRIBUTE_CHANGED_TYPE",
    "RETURN_CHANGED_TYPE"})  # fmt: skip
_LONGEST = 200


def compare(before: SourceTree, after: SourceTree) -> ApiComparison:
    """Compare the public objects of every Python module that differs between two trees."""
    logging.getLogger("griffe").setLevel(logging.CRITICAL)
    changes: list[ApiChange] = []
    unread: list[str] = []
    paths = [path for path in before.differing(after) if path.endswith(".py") and module_name(before, path)]
    for path in paths:
        try:
            changes += _module(path, *(_visit(tree, path) for tree in (before, after)))
        except (SyntaxError, ValueError, RecursionError):
            unread.append(path)
    compared = tuple(path for path in paths if path not in unread)
    return ApiComparison(changes=tuple(changes), compared=compared, unread=tuple(unread))


def module_name(tree: SourceTree, path: str) -> str:
    """The dotted name under which the file at `path` is imported; empty where it lies outside the code."""
    for root in sorted(suite.layout(tree).roots, key=len, reverse=True):
        inner = path.removeprefix(f"{root}/") if root else path
        if not inner.endswith(".py") or (root and not path.startswith(f"{root}/")):
            continue
        parts = inner.removesuffix(".py").removesuffix("/__init__").split("/")
        return ".".join(parts) if all(each.isidentifier() for each in parts) else ""
    return ""


def _visit(tree: SourceTree, path: str) -> "griffe.Module | None":
    import griffe

    data = tree.get(path)
    if data is None:
        return None
    # the path is never opened: only the code that is given is read
    with PARSING:
        return griffe.visit(
            module_name(tree, path), Path(PurePosixPath(path).name), code=data.decode("utf-8-sig", "replace")
        )


def _module(path: str, old: "griffe.Module | None", new: "griffe.Module | None") -> Iterator[ApiChange]:
    import griffe

    if old is None:
        return
    if new is None:
        yield ApiChange(path=path, name=old.path, what="the module is gone", breaking=not _private(path))
        return
    for each in griffe.find_breaking_changes(old, new):
        name = each.obj.path
        what = _clean(f"{each.kind.value}{_values(each)}")
        told = each.kind.name in _TOLD or _may_be_the_same(each)
        breaking = not told and not _private(path) and not _undeclared(each.obj, old)
        yield ApiChange(path=path, name=name, what=what, breaking=breaking)
    known = {name for name, _ in _public(old)}
    for name, what in _public(new):
        if name not in known:
            yield ApiChange(path=path, name=name, what=f"new {what}", breaking=False)


def _may_be_the_same(change: "griffe.Breakage") -> bool:
    """Whether an attribute took the place of a function or class, or the other way: it may hold just that.

    `parse = staticmethod(parse)` and a decorated `parse` are one and the same to a caller.
    """
    import griffe

    return griffe.Kind.ATTRIBUTE in (change.old_value, change.new_value)


def _undeclared(gone: "griffe.Object | griffe.Alias", module: "griffe.Module") -> bool:
    """Whether it is a module's constant that no `__all__` promises: patterns and tables are how, not what."""
    return bool(gone.is_attribute) and gone.parent is module and gone.name not in (module.exports or ())


def _values(breakage: "griffe.Breakage") -> str:
    import griffe

    old, new = breakage.old_value, breakage.new_value
    if isinstance(old, griffe.Object | griffe.Alias) or isinstance(new, griffe.Object | griffe.Alias):
        return ""
    told = [_shown(each) for each in (old, new) if each is not None]
    return f": {' -> '.join(told)}" if told else ""


def _shown(value: object) -> str:
    import griffe

    if isinstance(value, griffe.Parameter):
        return value.name if value.default is None else f"{value.name}={value.default}"
    return str(value)


def _public(module: "griffe.Module | griffe.Class") -> Iterator[tuple[str, str]]:
    """Public functions, classes and attributes with what they are; parameters of functions as `function(name)`."""
    import griffe

    for member in module.members.values():
        if member.is_alias or not member.is_public:
            continue
        yield member.path, str(member.kind.value)
        if isinstance(member, griffe.Function):
            yield from ((f"{member.path}({each.name})", "parameter") for each in member.parameters)
        elif isinstance(member, griffe.Class):
            yield from _public(member)


def _private(path: str) -> bool:
    """Whether the module has a private name: what it defines is public where another module hands it on."""
    return any(part.startswith("_") and part != "__init__.py" for part in PurePosixPath(path).parts)


def _clean(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
