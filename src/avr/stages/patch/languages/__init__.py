"""Languages that the rungs can read; a file of any other is a sequence of lines."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from avr.stages.patch.languages.brace import Brace
from avr.stages.patch.languages.grammar import CPP, GO, JAVA, JAVASCRIPT, TSX, TYPESCRIPT, C
from avr.stages.patch.languages.interface import Language, Scope, Source
from avr.stages.patch.languages.python import PYTHON

__all__ = ["language_of", "read", "scopes"]

_BY_SUFFIX: Mapping[str, Language] = MappingProxyType(
    {
        **dict.fromkeys((".py", ".pyi"), PYTHON),
        **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), Brace(JAVASCRIPT)),
        **dict.fromkeys((".ts", ".mts", ".cts"), Brace(TYPESCRIPT)),
        ".tsx": Brace(TSX),
        ".java": Brace(JAVA),
        ".go": Brace(GO),
        ".c": Brace(C),
        **dict.fromkeys((".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"), Brace(CPP)),
    }
)


def language_of(path: str) -> Language | None:
    """The language of the file at `path`, by its suffix; None where none is known."""
    name = path.rpartition("/")[2]
    at = name.rfind(".")
    return _BY_SUFFIX.get(name[at:]) if at > 0 else None


def read(language: Language | None, lines: tuple[str, ...]) -> Source | None:
    """The statements of a file; None where there is no language to read them."""
    return language.read(lines) if language else None


def scopes(language: Language | None, lines: Sequence[str]) -> list[Scope]:
    """The scope of every line; all at the top level where there is no language."""
    return language.scopes(lines) if language else [()] * len(lines)
