"""Names that Python code uses and nobody defines, asked of pyflakes.

pyflakes reads a function from top to bottom, so it calls a name undefined that a loop binds below its use, though each
turn but the first finds it bound. Such a use is not counted where the first turn may pass over it (the branch of a
condition, the right of an `and`): whether it does is a question of values.
"""

import ast
import importlib
from collections.abc import Iterator
from typing import Any

from avr.tools.python_syntax import PARSING

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_SCOPES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def undefined_names(module: ast.Module, filename: str = "<unknown>") -> dict[str, int]:
    """Each undefined name of a module and the first line that uses it, counted from 1."""
    checker: Any = importlib.import_module("pyflakes.checker")
    messages: Any = importlib.import_module("pyflakes.messages")
    with PARSING:  # it parses annotations that are text
        found = checker.Checker(module, filename=filename).messages
    uses = [each for each in found if isinstance(each, messages.UndefinedName)]
    exports = [each for each in found if isinstance(each, messages.UndefinedExport)]
    later = set(_bound_by_their_loop(module, {str(each.message_args[0]) for each in uses})) if uses else set()
    names: dict[str, int] = {}
    for each in sorted([*uses, *exports], key=lambda message: (message.lineno, message.col)):
        name = str(each.message_args[0])
        if (name, each.lineno, each.col) not in later:
            names.setdefault(name, each.lineno)
    return names


def _bound_by_their_loop(module: ast.Module, wanted: set[str]) -> Iterator[tuple[str, int, int]]:
    """Uses (name, line, column) that the first turn of a loop may pass over and that find the loop's own binding."""
    for loop in ast.walk(module):
        if isinstance(loop, _LOOPS):
            inside = [(node, passed) for node, passed in _of_body(loop) if node.id in wanted]
            bound = {node.id for node, _ in inside if isinstance(node.ctx, ast.Store)}
            yield from (
                (node.id, node.lineno, node.col_offset)
                for node, passed in inside
                if passed and node.id in bound and isinstance(node.ctx, ast.Load)
            )


def _of_body(loop: ast.For | ast.AsyncFor | ast.While) -> Iterator[tuple[ast.Name, bool]]:
    """Each name of a loop's body in the loop's own scope, and whether a turn may pass over it."""
    waiting: list[tuple[ast.AST, bool]] = [(each, False) for each in loop.body]
    while waiting:
        node, passed = waiting.pop()
        if isinstance(node, ast.Name):
            yield node, passed
        elif not isinstance(node, _SCOPES):
            always = _always_run(node)
            waiting += [
                (child, passed or (always is not None and child is not always)) for child in ast.iter_child_nodes(node)
            ]


def _always_run(node: ast.AST) -> ast.AST | None:
    """The one part that always runs of a node that may pass over the others; None where it passes over none."""
    match node:
        case ast.If(test=first) | ast.IfExp(test=first) | ast.While(test=first):
            return first
        case ast.For(iter=first) | ast.AsyncFor(iter=first) | ast.BoolOp(values=[first, *_]):
            return first
        case _:
            return None
