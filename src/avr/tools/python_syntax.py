"""Python's own parser, by one thread at a time.

CPython before 3.13 counts the depth of a syntax tree for the whole process while it makes the tree's objects: a thread
that parses while another one is at it fails with `SystemError: AST constructor recursion depth mismatch`
(https://github.com/python/cpython/issues/106905).
"""

import ast
import contextlib
import threading
import time

PARSING = threading.RLock()
"""Held by whatever makes or reads syntax trees of Python's own, libraries of others included."""

_TRIES = 5
_PAUSE = 0.05
"""Seconds between two tries."""


def parse(
    source: str | bytes, filename: str = "<unknown>", feature_version: tuple[int, int] | None = None
) -> ast.Module:
    """As `ast.parse`, with its errors.

    A library that parses without asking for the lock may still be in the way; another try finds it gone.
    """
    for _ in range(_TRIES):
        with PARSING, contextlib.suppress(SystemError):
            return ast.parse(source, filename=filename, feature_version=feature_version)
        time.sleep(_PAUSE)
    with PARSING:
        return ast.parse(source, filename=filename, feature_version=feature_version)
