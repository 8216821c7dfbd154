"""Which modules of the standard library, and names in them, the oldest supported Python has: by vermin's tables."""

import importlib
import sys
from functools import lru_cache
from typing import Any

Runtime = tuple[int, int]
_Needs = tuple[Runtime | None, Runtime | None]
_SINCE = {"html": (3, 2), "typing": (3, 5), "urllib": (2, 0)}


def standard(module: str, name: str | None, minimum: Runtime | None) -> bool:
    """Whether `module` is of the standard library and every Python from `minimum` on has it, and `name` in it."""
    known = module.split(".")[0] in sys.stdlib_module_names
    if minimum is None or not (known or minimum[0] == 2):
        return known
    wanted = [module] if name is None else [module, f"{module}.{name}"]
    tables = _tables()
    return (known or module in tables) and all(_has(tables.get(each), each, minimum) for each in wanted)


def _has(needs: _Needs | None, dotted: str, minimum: Runtime) -> bool:
    if needs is None:
        return minimum >= _SINCE.get(dotted, (2, 0))
    since = needs[0] if minimum[0] == 2 else needs[1]
    return since is not None and since <= minimum


@lru_cache(maxsize=1)
def _tables() -> dict[str, _Needs]:
    """What vermin knows, once read; it is slow to import."""
    rules: Any = importlib.import_module("vermin.rules")
    vermin: Any = importlib.import_module("vermin")
    config = vermin.Config()
    return {**rules.MOD_REQS(config), **rules.MOD_MEM_REQS(config)}
