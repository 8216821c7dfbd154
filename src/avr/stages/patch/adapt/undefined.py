"""Names that a piece of Python uses and nobody defines; asked of pyflakes where today's grammar reads the file."""

import ast
import textwrap
import warnings

from avr.tools.python_names import undefined_names
from avr.tools.python_syntax import parse as parse_python


def undefined(data: bytes) -> frozenset[str] | None:
    """The undefined names of a module; None where the grammar of today cannot read it."""
    module = _parsed(data)
    return None if module is None else frozenset(undefined_names(module))


def free_names(lines: tuple[str, ...]) -> frozenset[str] | None:
    """The names that a definition taken out of its file asks of it; None where it cannot be read alone."""
    return undefined(textwrap.dedent("\n".join(lines) + "\n").encode("latin-1"))


def _parsed(data: bytes) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return parse_python(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
