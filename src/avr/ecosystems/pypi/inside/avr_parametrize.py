"""A pytest plug-in that runs parametrized methods of unittest classes, which pytest itself cannot.

A fix's test is often written for a later form of its class, in which pytest may hand arguments to methods; carried onto
a class that still derives from `unittest.TestCase` its body would never run. Each set of parameters becomes a method of
its own, named as pytest would name it: `test_x[a-1]`. Needs Python 3.6 and pytest 3.6.
"""

# ruff: noqa: ANN401, B905 - must run on Python 3.6
import itertools
import unittest
from typing import Any

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(obj: Any) -> None:
    """Expand a unittest class before it is collected."""
    if isinstance(obj, type) and issubclass(obj, unittest.TestCase):
        for owner in obj.__mro__:
            for name, method in list(vars(owner).items()):
                marks = list(getattr(method, "pytestmark", ()))
                if callable(method) and any(each.name == "parametrize" for each in marks):
                    delattr(owner, name)
                    for suffix, arguments, more in _sets([each for each in marks if each.name == "parametrize"]):
                        made = _bound(method, arguments)
                        made.pytestmark = [*(each for each in marks if each.name != "parametrize"), *more]
                        setattr(owner, f"{name}[{suffix}]", made)


def _bound(method: Any, arguments: dict) -> Any:  # type: ignore[type-arg]
    def test(self: object) -> object:
        return method(self, **arguments)

    test.__doc__ = method.__doc__
    return test


def _sets(marks: list) -> Any:  # type: ignore[type-arg]
    """Every combination: its id, its arguments by name, its own marks; the innermost decorator comes first."""
    for chosen in itertools.product(*(_values(*each.args[:2], **each.kwargs) for each in marks)):
        arguments = {name: value for _, given, _ in chosen for name, value in given.items()}
        yield "-".join(each[0] for each in chosen), arguments, [mark for each in chosen for mark in each[2]]


def _values(argnames: Any, argvalues: Any, ids: Any = None, **_others: object) -> list:  # type: ignore[type-arg]
    names = [each.strip() for each in argnames.split(",") if each.strip()] if isinstance(argnames, str) else argnames
    found = []
    for index, value in enumerate(argvalues):
        many = getattr(value, "values", None) if hasattr(value, "marks") else None
        values = many if many is not None else ([value] if len(names) == 1 else list(value))
        known = getattr(value, "id", None) or (ids[index] if isinstance(ids, (list, tuple)) else None)
        text = known or "-".join(_word(one, name, index) for name, one in zip(names, values))
        found.append((str(text), dict(zip(names, values)), list(getattr(value, "marks", ()))))
    return found


def _word(value: object, name: str, index: int) -> str:
    if isinstance(value, str):
        return value.encode("unicode_escape").decode("ascii")
    return str(value) if isinstance(value, (int, float, bool, type(None))) else f"{name}{index}"
