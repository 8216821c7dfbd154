"""Calls compared where the tests make them, for what cannot be carried into another process. Pure.

The same tests run on both sides. A call is the same one where the same test makes it as its n-th call of the function
with arguments that look the same.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from avr.ecosystems.pypi.behaviour import compare
from avr.ecosystems.pypi.behaviour.reading import UNKNOWN, Json, Literal, is_name, objects, test_id
from avr.model.behaviour import ChangedCall, Watched

_NAMES = re.compile(r"\w+(::\w+){0,3}", re.ASCII)

Key = tuple[str, str, int]
"""Test, function, and which of the test's calls of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One call as it was seen: what it was given, how it ended, and the changed file that its function is in."""

    given: Json
    outcome: Literal
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of all calls: numbers by function, differences, and reasons for those set aside."""

    watched: tuple[Watched, ...]
    changed: tuple[ChangedCall, ...]
    reasons: Mapping[str, int]


def node_ids(data: bytes, files: Iterable[str]) -> tuple[str, ...]:
    """The tests that got to changed code, as pytest is told to run them: in known files, without parameters."""
    known = frozenset(files)
    found: dict[str, None] = {}
    for line in objects(data):
        told = line.get("hit")
        path, _, rest = told.partition("::") if isinstance(told, str) else ("", "", "")
        names = rest.rpartition(" ")[0].partition("[")[0]
        if path in known and _NAMES.fullmatch(names):
            found[f"{path}::{names}"] = None
    return tuple(found)


def read(data: bytes | None, files: Mapping[str, str]) -> dict[Key, Seen]:
    """The calls that the witness wrote; `files` maps paths inside to paths of the tree."""
    found: dict[Key, Seen] = {}
    for line in objects(data or b""):
        path = files.get(str(line.get("r")))
        match line:
            case {"f": list(name), "t": str(test), "i": int(count), "a": list(given), "o": dict(outcome)} if path:
                function = ".".join(str(each) for each in name)
                if all(is_name(each) for each in function.split(".")) and len(outcome) == 1:
                    key = (test_id(test) or UNKNOWN, function, count)
                    found[key] = Seen(given=given, outcome=outcome, path=path)
    return found


def compared(before: Sequence[Mapping[Key, Seen]], after: Sequence[Mapping[Key, Seen]]) -> Compared:
    """The runs of each side, which all have to agree on a call."""
    counts: dict[str, Counter[str]] = {}
    paths: dict[str, set[str]] = {}
    reasons: Counter[str] = Counter()
    changed: list[ChangedCall] = []
    for key, old in before[0].items():
        count = counts.setdefault(key[1], Counter())
        paths.setdefault(key[1], set()).add(old.path)
        if why := _set_aside(key, before, after):
            reasons[why] += 1
            count["set_aside"] += 1
            continue
        count["recorded"] += 1
        count["returned"] += "r" in old.outcome
        changed += _difference(key, old, after[0][key])
    watched = tuple(_watched(function, counts[function], paths[function]) for function in sorted(counts))
    return Compared(watched=watched, changed=tuple(changed), reasons=dict(reasons))


def _set_aside(key: Key, before: Sequence[Mapping[Key, Seen]], after: Sequence[Mapping[Key, Seen]]) -> str:
    old = before[0][key]
    if any(each.get(key) != old for each in before):
        return "does not repeat"
    new = after[0].get(key)
    if new is None or not compare.same(old.given, new.given):
        return "made otherwise on the patched side"
    return "does not repeat" if any(each.get(key) != new for each in after) else ""


def _difference(key: Key, before: Seen, after: Seen) -> list[ChangedCall]:
    found = compare.difference(before.outcome, after.outcome)
    if found is None:
        return []
    test, function, count = key
    return [
        ChangedCall(
            function=function,
            call=f"{function}(...), call {count} of {test}"[:300],
            before=compare.told(before.outcome),
            after=compare.told(after.outcome),
            difference=found,
            public=_public(function),
            generated=False,
            tests=(test,),
            reached=(before.path,),
        )
    ]


def _watched(function: str, count: Mapping[str, int], paths: Iterable[str]) -> Watched:
    return Watched(
        function=function,
        public=_public(function),
        reached=tuple(sorted(paths)),
        recorded=count["recorded"],
        returned=count["returned"],
        generated=0,
        set_aside=count["set_aside"],
    )


def _public(function: str) -> bool:
    return not any(each.startswith("_") and not each.endswith("__") for each in function.split("."))
