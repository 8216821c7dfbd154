"""How the outcomes of one call on both sides differ. Pure."""

import json

from avr.ecosystems.pypi.behaviour.reading import Call, Json, Literal
from avr.model.behaviour import Difference

INTERNAL = frozenset({"NameError", "AttributeError", "UnboundLocalError", "ImportError", "ModuleNotFoundError",
    "TypeError"})  # fmt: skip
"""Errors that code of its own raises by mistake rather than by design."""
_WORLD = frozenset({"OSError", "IOError", "EnvironmentError", "FileNotFoundError", "FileExistsError", "PermissionError",
    "NotADirectoryError", "IsADirectoryError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError",
    "BrokenPipeError", "TimeoutError", "BlockingIOError"})  # fmt: skip
"""What is raised where a file or a service is not there."""
NOT_IN_TIME = "not replayed in time"
_BUILTIN = frozenset({"builtins", "exceptions"})
_DEEPEST = 30


def set_aside(call: Call, before: list[Literal | None], after: list[Literal | None]) -> str:
    """Why a call's outcomes say nothing, or an empty string; both sides hold one outcome for each repetition."""
    for outcome in (*before, *after):
        if outcome is None:
            return NOT_IN_TIME
        if (why := outcome.get("u")) is not None:
            return str(why)[:80]
    if "h" in (before[0] or {}):
        return "takes too long"
    if any(each != before[0] for each in before) or any(each != after[0] for each in after):
        return "does not repeat"
    if _lacks_world(before[0], after[0]):
        return "leans on files or services that its test had"
    if call.carries_objects and _lacks_state(after[0]):
        return "given an object that lacks what the patched code relies on"
    return ""


def difference(before: Literal, after: Literal) -> Difference | None:
    """How two outcomes differ; None where they are the same to a caller.

    Attributes that an object has on the patched side alone are no difference.
    """
    if "h" in after:
        return Difference.HANGS
    if "r" in before and "r" in after:
        if not _same(before["r"], after["r"], 0):
            return Difference.RESULT
        return None if _same(before.get("m"), after.get("m"), 0) else Difference.STATE
    if "e" not in after:
        return Difference.RESULT
    (old, said), (new, says) = _raised(before), _raised(after)
    if old != new:
        return Difference.INTERNAL_ERROR if _internal(new) and not _internal(old) else Difference.EXCEPTION
    return None if said == says else Difference.WORDS


def same(before: Json, after: Json) -> bool:
    """Whether two values look the same, but for attributes that only the later one has."""
    return _same(before, after, 0)


def told(outcome: Literal) -> str:
    """An outcome for people, clipped."""
    if "h" in outcome:
        return "does not end"
    if "e" in outcome:
        kind, said = _raised(outcome)
        return f"raises {kind.removeprefix('builtins.').removeprefix('exceptions.')}: {said}"[:200]
    return f"gives {_told(outcome.get('r'))}"[:200]


def _told(value: Json) -> str:
    match value:
        case ["value", _, str(text)]:
            return text
        case ["many", str(kind), list(items)]:
            return f"{kind}: [{', '.join(_told(each) for each in items[:5])}]"
        case ["object", str(kind), dict(shown), *_]:
            return f"<{kind} {', '.join(f'{name}={_told(each)}' for name, each in list(shown.items())[:5])}>"
        case [_, str(kind), *_]:
            return f"<{kind}>"
    return json.dumps(value)[:80]


def _same(before: Json, after: Json, depth: int) -> bool:
    if depth > _DEEPEST:
        return True
    match before, after:
        case ["object", one, dict(old), *rest], ["object", other, dict(new), *more]:
            kept = all(name in new and _same(each, new[name], depth + 1) for name, each in old.items())
            return one == other and kept and (bool(new) or rest == more)
        case list(), list():
            return len(before) == len(after) and all(
                _same(one, other, depth + 1) for one, other in zip(before, after, strict=True)
            )
    return before == after


def _raised(outcome: Literal) -> tuple[str, str]:
    match outcome.get("e"):
        case [str(kind), str(said)]:
            return kind, said
    return "", ""


def _internal(kind: str) -> bool:
    module, _, name = kind.rpartition(".")
    return module in _BUILTIN and name in INTERNAL


def _lacks_world(before: Literal | None, after: Literal | None) -> bool:
    """Whether both sides fail, otherwise, and one of them for want of a file or a service: the test's own are gone."""
    (old, _), (new, _) = _raised(before or {}), _raised(after or {})
    return bool(old and new and old != new) and any(each.rpartition(".")[2] in _WORLD for each in (old, new))


def _lacks_state(outcome: Literal | None) -> bool:
    kind, said = _raised(outcome or {})
    return kind.endswith(".AttributeError") and "object has no attribute" in said
