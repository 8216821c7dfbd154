"""Python's own parser, by one thread at a time.

CPython before 3.13 counts the depth of a syntax tree for the whole process while it makes the tree's objects: a thread
that parses while another one is at it fails with `SystemError: AST constructor recursion depth mismatch`
(https://github.com/python/cpython/issues/106905).
"""

import ast
import threading

PARSING = threading.RLock()
"""Held by whatever makes or reads syntax trees of Python's own, libraries of others included."""


def parse(
    source: str | bytes, filename: str = "<unknown>", feature_version: tuple[int, int] | None = None
) -> ast.Module:
    """As `ast.parse`, with its errors."""
    with PARSING:
        return ast.parse(source, filename=filename, feature_version=feature_version)
