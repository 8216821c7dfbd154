"""What a Python source means, without its comments, layout and docstrings. Pure."""

import ast

from avr.tools.python_syntax import parse as parse_python

_DEEPEST = 120
"""Sources nested deeper than this are left alone: the parsers of the mutation library recurse."""


def meaning(data: bytes) -> str | None:
    """A text that is equal for two sources that do the same by their syntax; None where it cannot be read."""
    module = parsed(data)
    if module is None:
        return None
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = _without_docstring(node.body)
    return ast.dump(module)


def parsed(data: bytes) -> ast.Module | None:
    """The syntax tree; None for what today's Python cannot read, and for what is nested absurdly deep."""
    try:
        module = parse_python(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return module if _is_shallow(module) else None


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            return rest
        case _:
            return body


def _is_shallow(module: ast.Module) -> bool:
    level: list[ast.AST] = [module]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return True
    return False
