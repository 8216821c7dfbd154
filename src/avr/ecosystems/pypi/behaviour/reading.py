"""Reads what our programs wrote beside hostile code: bounded, JSON alone, every type checked."""

import base64
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Literal: TypeAlias = dict[str, Json]
"""One value of a call: a single tag with its content, see `inside/behaviour_values.py`."""

_INTEGER = re.compile(r"-?\d{1,40}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_DEEPEST = 60
_LONGEST_LINE = 1 << 18
_NAME = re.compile(r"[^\W\d]\w*", re.ASCII)
_MOST_TESTS = 50
_MOST_REASONS = 50
_LONGEST_NAME = 200
UNKNOWN = "outside of any test, or in too many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that can be made again: module, path of names in it, arguments; where it led and which tests made it."""

    module: str
    path: tuple[str, ...]
    arguments: tuple[Literal, ...]
    named: Mapping[str, Literal]
    reached: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    generated: bool = False

    @property
    def function(self) -> str:
        """The dotted name."""
        return ".".join((self.module, *self.path))

    @property
    def public(self) -> bool:
        """No part of the name is private; methods with two underscores on both sides are not."""
        parts = (*self.module.split("."), *self.path)
        return not any(each.startswith("_") and not each.endswith("__") for each in parts)

    @property
    def carries_objects(self) -> bool:
        """Whether an argument is more than a literal."""
        return any("p" in each for each in (*self.arguments, *self.named.values()))

    def request(self) -> Json:
        """The call as the replayer reads it."""
        return {"m": self.module, "p": list(self.path), "a": list(self.arguments), "k": dict(self.named)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The calls of a run in their order, and why others were not kept, by reason."""

    calls: tuple[Call, ...] = ()
    lost: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What coverage.py said of the changed lines: those that can run and those that did, by path."""

    tool: str
    can: Mapping[str, list[int]]
    ran: Mapping[str, list[int]]


def recorded(data: bytes, most: int, files: Mapping[str, str]) -> Recorded:
    """The calls that the recorder wrote, at most `most`; `files` maps paths inside to paths of the tree."""
    calls: dict[int, Call] = {}
    lost: Counter[str] = Counter()
    for line in objects(data):
        number, path = line.get("n"), files.get(str(line.get("r")))
        why = str(line.get("why", ""))[:80]
        if "lost" in line and (why in lost or len(lost) < _MOST_REASONS):
            lost[why] += 1
        if not isinstance(number, int) or path is None:
            continue
        if number not in calls and len(calls) < most and (made := _call(line)):
            calls[number] = made
        if number in calls:
            known = calls[number]
            calls[number] = replace(known, reached=known.reached | {path}, tests=_with(known.tests, line.get("t")))
    return Recorded(calls=tuple(calls[each] for each in sorted(calls)), lost=dict(lost))


def outcomes(data: bytes | None, count: int) -> list[Literal | None]:
    """How each of `count` calls ended in one replay; None where the replay did not get there."""
    found: list[Literal | None] = [None] * count
    for value in _values(data or b""):
        match value:
            case [int(number), dict(outcome)] if 0 <= number < count and len(outcome) <= 2:
                found[number] = outcome
    return found


def lines(data: bytes | None, files: Mapping[str, str]) -> Lines | None:
    """What the coverage program wrote, for `files` (paths inside to paths of the tree); None where it is nothing."""
    value = next(_values(data or b""), None)
    match value:
        case {"tool": str(tool), "files": dict(told)}:
            known = {files[path]: each for path, each in told.items() if path in files and isinstance(each, dict)}
            can = {path: _numbers(each.get("can")) for path, each in known.items()}
            ran = {path: _numbers(each.get("ran")) for path, each in known.items()}
            return Lines(tool=tool[:40], can=can, ran=ran)
    return None


def test_id(told: object) -> str:
    """The JUnit id of what pytest calls `tests/test_x.py::Class::test_a[1] (call)`; empty where it is none."""
    if not isinstance(told, str) or len(told) > 500 or "::" not in told:
        return ""
    path, _, rest = told.rpartition(" ")[0].partition("::")
    names, bracket, parameters = rest.partition("[")
    *classes, name = names.split("::")
    return ".".join([path.removesuffix(".py").replace("/", "."), *classes]) + f"::{name}{bracket}{parameters}"


def is_name(value: object) -> bool:
    """Whether a value is a plain name of bearable length."""
    return isinstance(value, str) and len(value) <= _LONGEST_NAME and _NAME.fullmatch(value) is not None


def shown(call: Call) -> str:
    """A call as a person would write it, clipped; objects are not spelled out."""
    named = [f"{name}={_shown(each)}" for name, each in call.named.items()]
    return f"{call.function}({', '.join([*map(_shown, call.arguments), *named])})"[:300]


def _shown(value: Literal) -> str:
    ((tag, body),) = value.items()
    match tag, body:
        case "s", str(text):
            return repr(text)[:80]
        case "b", str(text):
            return repr(base64.b64decode(text[:80]))
        case (("i" | "f"), str(text)):
            return text[:40]
        case "c", _:
            return repr(body)
        case (("l" | "t" | "d"), list(items)):
            return f"<{len(items)} items>"
    return "<object>"


def _with(tests: frozenset[str], told: object) -> frozenset[str]:
    """One test more; where there are too many, one that no fix can have rewritten stands for the rest."""
    test = test_id(told) or UNKNOWN
    return tests | {test if len(tests) < _MOST_TESTS else UNKNOWN}


def _call(line: Literal) -> Call | None:
    match line:
        case {"m": str(module), "p": [*path], "a": [*arguments], "k": dict(named)} if path:
            names = [*module.split("."), *path, *named]
            sound = all(is_name(each) for each in names) and len(names) <= _LONGEST_NAME
            if sound and all(_is_literal(each, 0) for each in (*arguments, *named.values())):
                return Call(
                    module=module,
                    path=tuple(str(each) for each in path),
                    arguments=tuple(each for each in arguments if isinstance(each, dict)),
                    named={name: each for name, each in named.items() if isinstance(each, dict)},
                )
    return None


def _is_literal(value: object, depth: int) -> bool:
    if not isinstance(value, dict) or len(value) != 1 or depth > _DEEPEST:
        return False
    ((tag, body),) = value.items()
    match tag, body:
        case (("l" | "t"), list(items)):
            return all(_is_literal(each, depth + 1) for each in items)
        case "d", list(pairs):
            whole = all(isinstance(each, list) and len(each) == 2 for each in pairs)
            return whole and all(_is_literal(one, depth + 1) for each in pairs for one in each)
        case "c", None | bool():
            return True
        case "i", str(text):
            return _INTEGER.fullmatch(text) is not None
        case (("b" | "p"), str(text)):
            return _BASE64.fullmatch(text) is not None and len(text) % 4 == 0
    return tag in {"s", "f"} and isinstance(body, str)


def objects(data: bytes) -> Iterator[Literal]:
    """Every line that is a JSON object of bearable length."""
    yield from (each for each in _values(data) if isinstance(each, dict))


def _values(data: bytes) -> Iterator[Json]:
    for line in data.split(b"\n"):
        if line and len(line) <= _LONGEST_LINE:
            try:
                value: Json = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if _is_shallow(value):
                yield value


def _is_shallow(value: Json) -> bool:
    """Whether a value is nested so little that whoever walks it needs no care."""
    level: list[Json] = [value]
    for _ in range(_DEEPEST):
        level = [one for each in level for one in _inner(each)]
        if not level:
            return True
    return False


def _inner(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _numbers(value: object) -> list[int]:
    return sorted({each for each in value if isinstance(each, int)}) if isinstance(value, list) else []
