"""Which test functions an upstream change adds or edits: by syntax tree in Python, by title in JavaScript."""

import ast
from collections.abc import Iterator

from avr.model.backport import PortedFix
from avr.model.fix import ChangeKind, FileChange, Fix
from avr.stages.validate import script_tests
from avr.tools.python_syntax import parse as parse_python


def changed_tests(fix: Fix) -> dict[str, frozenset[str]]:
    """Test files of the fix by path, with the names of the functions that it adds or edits.

    An empty set stands for a file that cannot be read as today's Python, or whose changes lie outside functions.
    """
    return {change.path: _changed_names(change) for change in fix.of_kind(ChangeKind.TEST) if change.after is not None}


def removed_tests(fix: Fix) -> dict[str, frozenset[str]]:
    """Test files of the fix by path, with the names of the functions that it takes away."""
    tests = fix.of_kind(ChangeKind.TEST)
    return {
        change.path: frozenset(_functions(change.path, change.before)) - _functions(change.path, change.after).keys()
        for change in tests
    }


def targets(ported: PortedFix) -> dict[str, str]:
    """Where the fix's test files lie in the pin, by their upstream paths."""
    return {hunk.path: hunk.target for hunk in ported.hunks if hunk.kind is ChangeKind.TEST and hunk.target}


def _changed_names(change: FileChange) -> frozenset[str]:
    before, after = _functions(change.path, change.before), _functions(change.path, change.after)
    if script_tests.is_script(change.path):
        return frozenset(name for name, text in after.items() if before.get(name) != text) | script_tests.WHOLE
    return frozenset(
        name for name, text in after.items() if name.split(".")[-1].startswith("test") and before.get(name) != text
    )


def _functions(path: str, source: bytes | None) -> dict[str, str]:
    if script_tests.is_script(path):
        return script_tests.titles(source or b"")
    try:
        tree = parse_python(source or b"")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {name: ast.dump(node) for name, node in _walk(tree, "")}


def _walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
        elif isinstance(child, ast.ClassDef):
            yield from _walk(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _walk(child, prefix)


def belongs(test: str, path: str) -> bool:
    """Whether the JUnit id `package.module.Class::name` comes from the test file at `path`.

    Those of scripts begin with the path itself. The module of others may lack leading folders of the path (a root
    directory below the tree's), never the reverse.
    """
    if script_tests.is_script(path):
        return test.startswith(f"{path}::")
    module = path.removesuffix(".py").split("/")
    classname = test.partition("::")[0].split(".")
    return any(classname[: len(module) - skip] == module[skip:] for skip in range(len(module)))


def uncollected(test: str, path: str) -> bool:
    """Whether the id is pytest's word for the file at `path` that could not be imported, `::package.module`."""
    classname, _, module = test.partition("::")
    return not classname and belongs(f"{module}::", path)


def names_function(test: str, names: frozenset[str]) -> bool:
    """Whether the id's test is one of `names`, given as `Class.function` or `function`; parameters are ignored."""
    classname, _, name = test.partition("::")
    if script_tests.is_script(classname):
        return script_tests.names(test, names)
    function = name.partition("[")[0]
    return any(
        each.split(".")[-1] == function and ("." not in each or classname.endswith("." + each.rpartition(".")[0]))
        for each in names
    )
