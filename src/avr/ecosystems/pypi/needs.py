"""Which Python versions a file needs: its syntax, and the parts of the standard library that it uses.

Found by vermin (https://github.com/netromdk/vermin) on the syntax tree, without what is guarded: the bodies of `try`
statements that catch a failed import, and branches that ask for the interpreter's version or for `hasattr`.
"""

import ast
import importlib
import warnings
from dataclasses import dataclass
from typing import Any

from avr.tools.python_syntax import parse as parse_python

Runtime = tuple[int, int]

_GUARDS = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "Exception", "BaseException"})
_VERSION_WORDS = ("version_info", "PY2", "PY3", "TYPE_CHECKING", "hexversion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The lowest Python 2 and Python 3 that can run a file, None where none can, and what asks for them."""

    two: Runtime | None
    three: Runtime | None
    reasons: tuple[str, ...] = ()


def parse(data: bytes, path: str) -> ast.Module | None:
    """The syntax tree of a file by today's grammar; None where it is not that, such as Python 2 code."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse_python(data, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def syntax_error(data: bytes, runtime: Runtime) -> str | None:
    """Why the grammar of a Python 3 version refuses the file, as far as the grammar of this one can tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parse_python(data, feature_version=runtime)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return None


def needs(data: bytes, path: str) -> Needs | None:
    """What a file needs, or None where today's grammar cannot read it."""
    vermin: Any = importlib.import_module("vermin")  # slow to import
    module = parse(data, path)
    if module is None:
        return None
    config = vermin.Config()
    config.set_verbose(3)
    config.set_eval_annotations(b"from __future__ import annotations" not in data)
    visitor = vermin.SourceVisitor(config=config, path=path, source=data.decode("utf-8", "replace"))
    try:
        visitor.set_no_lines(set())
        visitor.tour(_Unguarded().visit(module))
        two, three = visitor.minimum_versions()
    except vermin.InvalidVersionException:
        return Needs(two=None, three=None)
    except RecursionError:
        return None
    return Needs(two=_runtime(two), three=_runtime(three), reasons=tuple(visitor.output_text().splitlines()))


def unguarded(module: ast.Module) -> ast.Module:
    """The module without the statements that expect to fail or to be skipped on some interpreters."""
    visited = _Unguarded().visit(module)
    assert isinstance(visited, ast.Module)
    return visited


class _Unguarded(ast.NodeTransformer):
    def visit_Try(self, node: ast.Try) -> ast.AST:
        """Drop the body where a handler catches what a missing feature raises."""
        if any(_caught(handler) & _GUARDS for handler in node.handlers):
            node.body = [ast.copy_location(ast.Pass(), node)]
            node.orelse = []
            for handler in node.handlers:
                handler.body = [ast.copy_location(ast.Pass(), handler)]
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        """Drop both branches of a question about the interpreter, and what follows a `hasattr`."""
        question = ast.dump(node.test)
        if any(word in question for word in _VERSION_WORDS):
            return ast.copy_location(ast.Pass(), node)
        if "'hasattr'" in question:
            node.test = ast.copy_location(ast.Constant(value=True), node)
            node.body = [ast.copy_location(ast.Pass(), node)]
        return self.generic_visit(node)


def _caught(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {"BaseException"}
    return {each.id for each in ast.walk(handler.type) if isinstance(each, ast.Name)}


def _runtime(version: tuple[int, int] | int | None) -> Runtime | None:
    """Vermin's answer: None is "cannot", 0 is "any"."""
    if version is None:
        return None
    return (0, 0) if isinstance(version, int) else (version[0], version[1])
