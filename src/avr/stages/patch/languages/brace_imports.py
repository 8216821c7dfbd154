"""Imports of the languages with braces: ES modules and `require`, Java, Go and C's `#include`; read and written.

A default import and a whole module that is required are the same name here, so that the two module systems of
JavaScript understand each other: `import a from 'm'` and `const a = require('m')` bind `a` to `m`'s `default`.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

from avr.stages.patch.languages.interface import Import, Imports, Source, Statement, Token
from avr.stages.patch.languages.quotes import usual

_NONE: Imports = frozenset()
DEFAULT = "default"
_DECLARING = ("const", "var", "let")


def read_script(statement: Statement) -> Imports:
    """`import` and `export ... from` are not alike: only names that the file itself can use are imports."""
    words = statement.words
    if words[0] == "import" and len(words) > 3 and words[1] != "type" and words[-2] == "from":
        return _clauses(_unquoted(words[-1]), words[1:-2], " as ")
    if words[0] in _DECLARING and words.count("require") == 1 and "=" in words:
        at = words.index("=")
        if words[at + 1 : at + 3] != ("require", "(") or len(words) < at + 5 or words[at + 4] != ")":
            return _NONE
        module, rest = _unquoted(words[at + 3]), words[at + 5 :]
        if not rest:
            return _clauses(module, words[1:at], " : ")
        if len(rest) == 2 and rest[0] == "." and at == 2:
            return frozenset({Import(module=module, name=rest[1], alias=None if rest[1] == words[1] else words[1])})
    return _NONE


def _clauses(module: str, words: Sequence[str], renames: str) -> Imports:
    found: set[Import] = set()
    braces = words.index("{") if "{" in words else len(words)
    for clause in " ".join(words[:braces]).split(" , "):
        whole = clause.removesuffix(" ,").strip()
        if whole.startswith("* as "):
            found.add(Import(module=module, name="*", alias=whole.removeprefix("* as ")))
        elif whole:
            found.add(Import(module=module, name=DEFAULT, alias=whole))
    for clause in " ".join(words[braces + 1 : -1]).split(" , "):
        name, _, alias = clause.partition(renames)
        if " " in name or " " in alias:
            return _NONE
        found |= {Import(module=module, name=name, alias=alias or None)} if name else set()
    return frozenset(found)


def read_java(statement: Statement) -> Imports:
    """`import a.b.C;`: the name `C` of `a.b`; a static import has `static` in front of its module."""
    words = statement.words
    if words[0] != "import" or words[-1] != ";":
        return _NONE
    static = "static " if words[1] == "static" else ""
    module, _, name = "".join(words[2 if static else 1 : -1]).rpartition(".")
    return frozenset({Import(module=static + module, name=name)}) if module else _NONE


def java_package(source: Source) -> str | None:
    """The package that a Java file belongs to."""
    found = (each.words for each in source.statements if each.words[0] == "package")
    return next(("".join(words[1:-1]) for words in found), None)


def is_foreign(wanted: Import, source: Source) -> bool:
    """Whether a Java import begins unlike the file's package and all of its imports; `java` itself is everywhere."""
    modules = [one.module for each in source.statements if not each.level for one in read_java(each)]
    known = {_first_word(each) for each in (*modules, java_package(source))}
    return _first_word(wanted.module) not in known | {"java"}


def _first_word(module: str | None) -> str:
    return (module or "").removeprefix("static ").split(".")[0]


def read_go(statement: Statement) -> Imports:
    """`import "a/b"`, or a line of an import block: the name `b` of `a`."""
    words = statement.words[1:] if statement.words[0] == "import" else statement.words
    if statement.shape.kinds[-1] != "string" or len(words) > 2 or statement.level or not words:
        return _NONE
    module, _, name = words[-1].strip('"`').rpartition("/")
    return frozenset({Import(module=module, name=name, alias=words[0] if len(words) > 1 else None)})


def read_c(statement: Statement) -> Imports:
    """`#include <a.h>`."""
    words = statement.words
    if words[:2] != ("#", "include"):
        return _NONE
    return frozenset({Import(module=None, name="".join(words[2:]))})


READERS: Mapping[str, Callable[[Statement], Imports]] = MappingProxyType(
    {
        "JavaScript": read_script,
        "TypeScript": read_script,
        "TypeScript with JSX": read_script,
        "Java": read_java,
        "Go": read_go,
        "C": read_c,
        "C++": read_c,
    }
)


def written(language: str, wanted: Import, pin: Source | None) -> str | None:
    """A statement that imports one name, in the way that the pin imports."""
    if language == "Java":
        static = "static " if (wanted.module or "").startswith("static ") else ""
        return f"import {static}{(wanted.module or '').removeprefix('static ')}.{wanted.name};"
    if language == "Go":
        path = f'"{wanted.module}/{wanted.name}"' if wanted.module else f'"{wanted.name}"'
        clause = f"{wanted.alias} {path}" if wanted.alias else path
        return f"\t{clause}" if pin is None or _has_import_block(pin) else f"import {clause}"
    if language in {"C", "C++"}:
        return f"#include {wanted.name}"
    return _script_line(wanted, pin)


def _has_import_block(pin: Source) -> bool:
    return any(each.words == ("import", "(") for each in pin.statements)


def _script_line(wanted: Import, pin: Source | None) -> str | None:
    how = _how(pin) if pin else "import"
    quote = (usual(pin) if pin else None) or "'"
    end = "" if pin and not ends_with_semicolons(pin) else ";"
    module, name, alias = f"{quote}{wanted.module}{quote}", wanted.name, wanted.alias
    if how == "import":
        clause = {DEFAULT: alias, "*": f"* as {alias}"}.get(
            name, f"{{ {name} as {alias} }}" if alias else f"{{ {name} }}"
        )
        return f"import {clause} from {module}{end}"
    if name in {DEFAULT, "*"}:
        return f"{how} {alias} = require({module}){end}"
    if how == "var":
        return f"var {alias or name} = require({module}).{name}{end}"
    return (
        f"{how} {{ {name}: {alias} }} = require({module}){end}"
        if alias
        else f"{how} {{ {name} }} = require({module}){end}"
    )


def _how(pin: Source) -> str:
    """`import`, or the word that the pin declares what it requires with."""
    words = [each.words[0] for each in pin.statements if not each.level and read_script(each)]
    if not words:
        words = ["import" if each.words[0] in {"import", "export"} else "const" for each in pin.statements]
    return max(["import", *_DECLARING], key=words.count)


@lru_cache(maxsize=16)
def ends_with_semicolons(source: Source) -> bool:
    """Whether the file ends its statements with semicolons, where it has the choice."""
    ends = [source.text[each.end : each.end + 1] for each in source.statements if each.words[-1] not in {"{", "}", ","}]
    return ends.count(";") * 2 >= len(ends)


def widened(statement: Statement, wanted: Import, source: Source) -> tuple[str, ...] | None:
    """An import in braces with one more name, in its sorted place where the names are sorted."""
    tokens = statement.tokens
    words = [token.norm for token in tokens]
    if words.count("{") != 1 or wanted.name in {DEFAULT, "*"}:
        return None
    inside = tokens[words.index("{") + 1 : words.index("}")]
    names = [token for token in inside if token.norm != ","]
    if not names:
        return None
    rename = " as " if words[0] == "import" else ": "
    name = f"{wanted.name}{rename}{wanted.alias}" if wanted.alias else wanted.name
    plain = [token.norm for token in names]
    renamed = {"as", ":"} & set(plain)
    at = bisect_left(plain, name) if plain == sorted(plain) and not renamed else len(plain)
    start = source.text.rfind("\n", 0, statement.start) + 1
    end = source.text.index("\n", statement.end)
    raw, (offset, inserted) = source.text[start:end], _insertion(names, at, name, source)
    return tuple((raw[: offset - start] + inserted + raw[offset - start :]).split("\n"))


def _insertion(names: Sequence[Token], at: int, name: str, source: Source) -> tuple[int, str]:
    gaps = [source.text[one.end : two.start] for one, two in pairwise(names)]
    space = next((gap.lstrip(",") for gap in gaps if gap.startswith(",") and "\n" in gap), " ")
    if at < len(names):
        return names[at].start, f"{name},{space}"
    return names[-1].end, f",{space}{name}"


def _unquoted(word: str) -> str:
    return word[1:-1] if word[:1] in {"'", '"', "`"} else word
