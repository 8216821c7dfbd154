"""The exploits that ship with avr, read as data: no program is ever run or imported for its facts.

Python's facts are literals, read by `ast`. JavaScript's stand in the comment that the file begins with, which is TOML.
"""

import ast
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.resources import files
from importlib.resources.abc import Traversable

from avr.errors import AvrError
from avr.model.exploit import Exploit, ExploitOrigin, Signal
from avr.tools.python_syntax import parse as parse_python

_FACTS = ("ID", "PACKAGE", "CWE", "SIGNAL", "REFERENCES", "SHOWN", "SECONDS", "ORIGIN")


def exploits_for(ecosystem: str, package: str, ids: Iterable[str]) -> tuple[Exploit, ...]:
    """The exploits of a package for a vulnerability known by any of `ids`; `package` is the normalised name."""
    wanted = {_stem(each, package) for each in ids}
    found = (each for each in _programs(ecosystem) if each.name.rpartition(".")[0] in wanted)
    return tuple(parse(each.name, each.read_bytes()) for each in found)


def everything(ecosystem: str) -> tuple[Exploit, ...]:
    """All exploits of an ecosystem, by file name."""
    return tuple(parse(each.name, each.read_bytes()) for each in _programs(ecosystem))


def parse(name: str, program: bytes) -> Exploit:
    """One program's facts; raises `AvrError` `proofs.malformed` naming the file and the fact."""
    facts = dict(_comment(name, program) if name.endswith(".js") else _literals(name, program))
    found = Exploit(
        name=name,
        vulnerability=_text(name, facts, "ID"),
        package=_text(name, facts, "PACKAGE"),
        cwe=_texts(name, facts, "CWE"),
        signal=_signal(name, _text(name, facts, "SIGNAL")),
        references=_texts(name, facts, "REFERENCES"),
        shown=_shown(name, _texts(name, facts, "SHOWN")),
        seconds=_seconds(name, facts.get("SECONDS", 120)),
        program=program,
        contract=b"",
        origin=_origin(name, facts.get("ORIGIN", ExploitOrigin.LIBRARY.value)),
    )
    if name.rpartition(".")[0] != _stem(found.vulnerability, found.package):
        raise _malformed(name, f"is about {found.vulnerability!r} of {found.package!r}; the file's name says otherwise")
    return replace(found, contract=(files("avr.proofs") / found.contract_name).read_bytes())


def _stem(vulnerability: str, package: str) -> str:
    """The file's name without its suffix; the `/` after a scope becomes `+`."""
    return f"{vulnerability.lower()}_{package.replace('/', '+')}"


def _programs(ecosystem: str) -> Iterator[Traversable]:
    folder = files("avr.proofs") / ecosystem
    if folder.is_dir():
        found = (
            each for each in folder.iterdir() if each.name.startswith("cve-") and each.name.endswith((".py", ".js"))
        )
        yield from sorted(found, key=lambda each: each.name)


def _literals(name: str, program: bytes) -> Iterator[tuple[str, object]]:
    try:
        tree = parse_python(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _malformed(name, f"cannot be parsed: {error}") from error
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=fact)], value=value) if fact in _FACTS:
                try:
                    yield fact, ast.literal_eval(value)
                except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
                    raise _malformed(name, f"{fact} is no literal") from error


def _comment(name: str, program: bytes) -> Iterator[tuple[str, object]]:
    head, end, _ = program.removeprefix(b"/*\n").partition(b"\n*/\n")
    if not program.startswith(b"/*\n") or not end:
        raise _malformed(name, "does not begin with a comment that holds its facts")
    try:
        found = tomllib.loads(head.decode())
    except (ValueError, RecursionError) as error:
        raise _malformed(name, f"begins with a comment that is no TOML: {error}") from error
    yield from ((fact, tuple(value) if isinstance(value, list) else value) for fact, value in found.items())


def _text(name: str, facts: dict[str, object], fact: str) -> str:
    value = facts.get(fact)
    if not isinstance(value, str) or not value:
        raise _malformed(name, f"has no text {fact}")
    return value


def _texts(name: str, facts: dict[str, object], fact: str) -> tuple[str, ...]:
    value = facts.get(fact)
    if not isinstance(value, tuple) or not value or not all(isinstance(each, str) for each in value):
        raise _malformed(name, f"has no texts {fact}")
    return value


def _signal(name: str, value: str) -> Signal:
    try:
        return Signal(value)
    except ValueError:
        raise _malformed(name, f"watches for {value!r}, which is no signal") from None


def _origin(name: str, value: object) -> ExploitOrigin:
    try:
        return ExploitOrigin(str(value))
    except ValueError:
        raise _malformed(name, f"has ORIGIN {value!r}, which is none") from None


def _shown(name: str, versions: tuple[str, ...]) -> tuple[str, str]:
    if len(versions) != 2:
        raise _malformed(name, "SHOWN is a version on which it fires and one on which it is blocked")
    return versions[0], versions[1]


def _seconds(name: str, value: object) -> int:
    if not isinstance(value, int) or not 0 < value <= 300:
        raise _malformed(name, f"SECONDS {value!r} is not between 1 and 300")
    return value


def _malformed(name: str, why: str) -> AvrError:
    return AvrError("proofs.malformed", f"the exploit {name!r} {why}", hint="see docs/how-to/write-a-proof.md")
