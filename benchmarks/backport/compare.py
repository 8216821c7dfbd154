"""How close a result is to the maintainers' own backport: by lines, then by syntax."""

import ast
import warnings
from collections.abc import Callable, Mapping
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import Literal

Closeness = Literal["identical", "syntax", "different"]
Contents = Callable[[str], bytes | None]


def closeness(
    changes: Mapping[str, bytes | None], base: Contents, target: Contents, paths: tuple[str, ...]
) -> tuple[Closeness, tuple[str, ...]]:
    """Compare base plus `changes` with `target` in every path that either changed; also the paths that differ.

    Identical is equal line by line, whatever the line ends. Equal by syntax leaves comments, layout and, in Python,
    docstrings aside.
    """
    found: Closeness = "identical"
    different = []
    for path in sorted({*paths, *changes}):
        ours, theirs = changes[path] if path in changes else base(path), target(path)
        if _lines(ours) == _lines(theirs):
            continue
        if ours is not None and theirs is not None and same_syntax(path, ours, theirs):
            found = "syntax"
        else:
            different.append(path)
    return ("different" if different else found), tuple(different)


def same_syntax(path: str, one: bytes, other: bytes) -> bool:
    """Whether two files have equal syntax trees; False where there is no parser for the language."""
    if PurePosixPath(path).suffix == ".py":
        left, right = _python(one), _python(other)
        if left is not None and right is not None:
            return left == right
    tree = _tree(path, one)
    return tree is not None and tree == _tree(path, other)


def _lines(data: bytes | None) -> list[bytes] | None:
    return None if data is None else data.splitlines()


def _python(data: bytes) -> str | None:
    """The dump of the module by `ast`, without docstrings; None where today's Python cannot read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(data)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return ast.dump(module)


def _tree(path: str, data: bytes) -> tuple[object, ...] | None:
    """The syntax tree as nested tuples, without comments, semicolons and last commas; None where it cannot be read."""
    from tree_sitter import Language, Node, Parser

    grammar = _grammar(path)
    if grammar is None:
        return None
    root = Parser(Language(grammar)).parse(data).root_node
    if root.has_error:
        return None

    def shape(node: Node) -> tuple[object, ...]:
        children = [each for each in node.children if "comment" not in each.type and each.type != ";"]
        children = [
            each
            for each, after in zip_longest(children, children[1:])
            if each.type != "," or (after is not None and after.type not in {")", "]", "}"})
        ]
        if not children:
            return (node.type, node.text)
        return (node.type, *(shape(each) for each in children))

    return shape(root)


def _grammar(path: str) -> object | None:
    suffix = PurePosixPath(path).suffix
    if suffix == ".py":
        import tree_sitter_python

        return tree_sitter_python.language()
    if suffix in {".js", ".cjs", ".mjs", ".jsx"}:
        import tree_sitter_javascript

        return tree_sitter_javascript.language()
    if suffix in {".ts", ".tsx"}:
        import tree_sitter_typescript

        return (
            tree_sitter_typescript.language_tsx() if suffix == ".tsx" else tree_sitter_typescript.language_typescript()
        )
    if suffix == ".java":
        import tree_sitter_java

        return tree_sitter_java.language()
    return None
