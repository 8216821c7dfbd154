"""Which names of a module nobody defines."""

import pytest

from avr.tools.python_names import undefined_names
from avr.tools.python_syntax import parse

LOOP = """
def f(found):
    kept = []
    for each in found:
        {use}
        last = each
        kept.append(each)
    return kept
"""


def names(source: str) -> dict[str, int]:
    return undefined_names(parse(source))


def test_a_name_nobody_binds_is_told_with_its_first_line() -> None:
    assert names("import os\n\nos.path(there)\nprint(there)\n") == {"there": 3}


def test_a_name_of_the_export_list_must_exist() -> None:
    assert names("__all__ = ['gone']\n") == {"gone": 1}


@pytest.mark.parametrize(
    "use",
    [
        "if kept and each > last: continue",
        "x = last if kept else 0",
        "if kept: print(last)",
        "while kept: kept.remove(last)",
        "for one in kept: print(one, last)",
    ],
)
def test_a_later_turn_may_use_what_an_earlier_one_bound(use: str) -> None:
    assert names(LOOP.format(use=use)) == {}


@pytest.mark.parametrize(
    "use",
    [
        "print(last)",
        "if last and kept: continue",
        "x = 0 if last else 1",
        "while last: kept.pop()",
        "for one in last: print(one)",
        "last += 1",
    ],
)
def test_what_the_first_turn_uses_before_it_is_bound_is_undefined(use: str) -> None:
    assert names(LOOP.format(use=use)) == {"last": 5}


@pytest.mark.parametrize("binding", ["[last for last in found]", "(lambda last: last)(each)"])
def test_a_binding_of_another_scope_does_not_count(binding: str) -> None:
    source = f"def f(found):\n    for each in found:\n        if each:\n            print(last)\n        {binding}\n"
    assert names(source) == {"last": 4}


def test_a_binding_after_the_loop_does_not_count() -> None:
    source = "def f(found):\n    for each in found:\n        if each:\n            print(last)\n    last = 1\n"
    assert names(source) == {"last": 4}
