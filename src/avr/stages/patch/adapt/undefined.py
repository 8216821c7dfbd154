"""Names that a piece of Python uses and nobody defines; asked of pyflakes where today's grammar reads the file."""

import textwrap

from avr.stages.patch.languages.python import parsed
from avr.tools.python_names import undefined_names


def undefined(data: bytes) -> frozenset[str] | None:
    """The undefined names of a module; None where the grammar of today cannot read it."""
    module = parsed(data)
    return None if module is None else frozenset(undefined_names(module))


def free_names(lines: tuple[str, ...]) -> frozenset[str] | None:
    """The names that a definition taken out of its file asks of it; None where it cannot be read alone."""
    return undefined(textwrap.dedent("\n".join(lines) + "\n").encode("latin-1"))
