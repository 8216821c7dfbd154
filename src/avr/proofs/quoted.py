"""Proof-of-concept code of an advisory's text: chosen from its code blocks, and quoted into an exploit.

The code is hostile data until it runs in the sandbox: it is parsed, never evaluated, and stands in the exploit as one
literal beside a program of ours (`pypi/quoting.py`) that runs it as a child. docs/decisions/0018 says when it counts.
"""

import ast
import re
import sys
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from avr.errors import AvrError
from avr.model.exploit import Exploit, ExploitOrigin, Signal
from avr.proofs import library
from avr.tools.python_names import undefined_names
from avr.tools.python_syntax import parse

LARGEST = 16 << 10
"""A longer program is left alone, in characters."""
MOST = 3
"""How many programs of one advisory are tried."""
SECONDS = 160
_PROMPTS = (">>>", "...")
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """One program from an advisory's text: `references` name the record, `modules` are what it imports at its top."""

    vulnerability: str
    package: str
    cwe: tuple[str, ...]
    references: tuple[str, ...]
    code: str
    modules: tuple[str, ...]


def programs(blocks: Sequence[str], packages: Collection[str]) -> tuple[str, ...]:
    """The programs among code blocks: Python that imports one of `packages` (top names, lower-case), or names a module.

    A module of the standard library that a block uses and forgets to import is imported before it. A block without an
    import of the package is joined to the program before it where it uses what that one defines, and nothing
    else that is unknown.
    """
    found: list[str] = []
    joinable = False
    for code, tree in _readable(blocks):
        if {name.partition(".")[0].lower() for name in (*_imported(tree), *_named(tree))} & set(packages):
            found.append(code)
            joinable = True
        elif joinable and tree.body and _leans_on(tree, parse(found[-1])):
            found[-1] += f"\n{code}"
        else:
            joinable = False
    return tuple(dict.fromkeys(each for each in found if len(each) <= LARGEST))[:MOST]


def modules(code: str) -> tuple[str, ...]:
    """What a program imports at its top, to be loaded before its time is taken."""
    return tuple(dict.fromkeys(_imported(ast.Module(body=_at_top(parse(code)), type_ignores=[]))))


def wrap(quotation: Quotation, signal: Signal, shown: tuple[str, str], ends: str) -> Exploit:
    """The exploit around a quotation; `ends` is how the code ends where the hole is closed, empty to observe only."""
    name = f"{quotation.vulnerability.lower()}_{quotation.package}.py"
    facts = {
        "ID": quotation.vulnerability,
        "PACKAGE": quotation.package,
        "CWE": quotation.cwe,
        "SIGNAL": signal.value,
        "REFERENCES": quotation.references,
        "SHOWN": shown,
        "SECONDS": SECONDS,
        "ORIGIN": ExploitOrigin.ADVISORY.value,
        "ENDS": ends,
        "MODULES": quotation.modules,
        "CODE": quotation.code,
    }
    return library.parse(name, _program(facts))


def is_own(exploit: Exploit) -> bool:
    """Whether this program would wrap the quoted code into the same exploit, byte for byte, contract included."""
    try:
        facts = _facts(exploit.program)
        return (
            exploit.program == _program(facts) and exploit.digest == library.parse(exploit.name, _program(facts)).digest
        )
    except (AvrError, SyntaxError, ValueError, TypeError, KeyError, RecursionError, MemoryError):
        return False


_ORDER = ("ID", "PACKAGE", "CWE", "SIGNAL", "REFERENCES", "SHOWN", "SECONDS", "ORIGIN", "ENDS", "MODULES", "CODE")
_TAIL = """

if __name__ == "__main__":
    contract.run(lambda: True, lambda: observed(CODE, MODULES, SIGNAL, ENDS))
"""


def _program(facts: dict[str, object]) -> bytes:
    """Our program, the facts as literals in ASCII, and the call."""
    lines = "\n".join(f"{name} = {facts[name]!a}" for name in _ORDER)
    ours = (files("avr.proofs") / "pypi" / "quoting.py").read_bytes()
    return ours + b"\n\n" + lines.encode("ascii") + _TAIL.encode("ascii")


def _facts(program: bytes) -> dict[str, object]:
    assigned = (node for node in parse(program).body if isinstance(node, ast.Assign) and len(node.targets) == 1)
    named = ((node.targets[0], node.value) for node in assigned)
    return {
        target.id: ast.literal_eval(value)
        for target, value in named
        if isinstance(target, ast.Name) and target.id in _ORDER
    }


def _readable(blocks: Sequence[str]) -> Iterator[tuple[str, ast.Module]]:
    for block in blocks:
        code = _without_prompts(textwrap.dedent(block)).strip("\n") + "\n"
        try:
            if "\0" not in code and len(code) <= LARGEST:
                tree = parse(code)
                forgotten = sorted(undefined_names(tree).keys() & sys.stdlib_module_names)
                code = "".join(f"import {name}\n" for name in forgotten) + code
                yield code, parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue


def _without_prompts(block: str) -> str:
    """An interactive session without prompts and answers; anything else as it is."""
    lines = block.splitlines()
    if not any(line.startswith(">>>") for line in lines):
        return block
    return "\n".join(line[4:] for line in lines if line[:3] in _PROMPTS and line[3:4] in ("", " "))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _named(tree: ast.AST) -> Iterator[str]:
    """Modules that a program names in text, as plug-ins are named to a host: `extensions=["package.module"]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _MODULE.fullmatch(node.value):
            yield node.value


def _at_top(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def _leans_on(later: ast.Module, earlier: ast.Module) -> bool:
    """Whether `later` goes on where `earlier` ends: it lacks names, and all of them are bound there."""
    lacking = undefined_names(later).keys()
    return bool(lacking) and lacking <= _bound(earlier)


def _bound(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.arg(arg=name):
                found.add(name)
            case ast.alias(name=name, asname=other):
                found.add(other or name.partition(".")[0])
            case _:
                pass
    return found
