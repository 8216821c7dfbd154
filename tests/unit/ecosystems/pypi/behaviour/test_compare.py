"""How the outcomes of one call on both sides differ."""

import pytest

from avr.ecosystems.pypi.behaviour import compare
from avr.ecosystems.pypi.behaviour.reading import Call, Json, Literal
from avr.model.behaviour import Difference

CALL = Call(module="thing", path=("cut",), arguments=({"s": "a"},), named={})


def value(text: str) -> Literal:
    """A call that gives a value."""
    return {"r": ["value", "builtins.str", text], "m": []}


def raised(kind: str, said: str = "") -> Literal:
    """A call that raises."""
    return {"e": [kind, said]}


def thing(**shown: str) -> Json:
    """An object with public attributes."""
    return ["object", "thing.Thing", {name: ["value", "builtins.str", text] for name, text in shown.items()}, ""]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (value("a"), value("a"), None),
        (value("a"), value("b"), Difference.RESULT),
        (value("a"), raised("builtins.ValueError"), Difference.EXCEPTION),
        (value("a"), raised("builtins.NameError"), Difference.INTERNAL_ERROR),
        (value("a"), raised("exceptions.TypeError"), Difference.INTERNAL_ERROR),
        (value("a"), raised("thing.TypeError"), Difference.EXCEPTION),
        (value("a"), {"h": 1}, Difference.HANGS),
        (raised("builtins.ValueError"), value("a"), Difference.RESULT),
        (raised("builtins.ValueError", "x"), raised("builtins.ValueError", "x"), None),
        (raised("builtins.ValueError", "x"), raised("builtins.ValueError", "y"), Difference.WORDS),
        (raised("builtins.ValueError"), raised("builtins.KeyError"), Difference.EXCEPTION),
        (raised("builtins.TypeError"), raised("builtins.NameError"), Difference.EXCEPTION),
        ({"r": thing(a="1")}, {"r": thing(a="1", new="2")}, None),
        ({"r": thing(a="1")}, {"r": thing(a="2")}, Difference.RESULT),
        ({"r": thing(a="1")}, {"r": thing(b="1")}, Difference.RESULT),
        ({"r": None, "m": [thing(a="1")]}, {"r": None, "m": [thing(a="2")]}, Difference.STATE),
    ],
)
def test_differences(before: Literal, after: Literal, found: Difference | None) -> None:
    """New attributes are none; errors that nobody designs are the worst."""
    assert found is compare.difference(before, after)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([value("a")] * 2, [value("b")] * 2, ""),
        ([value("a"), value("b")], [value("a")] * 2, "does not repeat"),
        ([value("a")] * 2, [value("a"), value("b")], "does not repeat"),
        ([value("a"), None], [value("a")] * 2, "not replayed in time"),
        ([{"u": "gone"}] * 2, [value("a")] * 2, "gone"),
        (
            [raised("sqlite3.OperationalError")] * 2,
            [raised("builtins.FileNotFoundError")] * 2,
            "leans on files or services that its test had",
        ),
        ([raised("builtins.OSError")] * 2, [raised("builtins.OSError")] * 2, ""),
        ([raised("builtins.OSError")] * 2, [value("a")] * 2, ""),
        ([value("a")] * 2, [raised("builtins.OSError")] * 2, ""),
        ([{"h": 1}] * 2, [value("a")] * 2, "takes too long"),
        ([value("a")] * 2, [{"h": 1}] * 2, ""),
    ],
)
def test_set_aside(before: list[Literal | None], after: list[Literal | None], why: str) -> None:
    """What does not repeat says nothing; a call that hangs on the patched side alone does."""
    assert why == compare.set_aside(CALL, before, after)


def test_the_state_of_the_other_side_is_no_fault() -> None:
    """An object made by unpatched code lacks what patched code sets; one made of literals alone cannot."""
    carried = Call(module="thing", path=("Cutter", "run"), arguments=({"p": "gAI="},), named={})
    lacks = raised("builtins.AttributeError", "'Cutter' object has no attribute 'most'")
    asides = [bool(compare.set_aside(each, [value("a")] * 2, [lacks] * 2)) for each in (carried, CALL)]
    assert [True, False] == asides


def test_told() -> None:
    """Outcomes in words."""
    outcomes: list[Literal] = [value("'a'"), raised("builtins.ValueError", "no"), {"h": 1}]
    assert ["gives 'a'", "raises ValueError: no", "does not end"] == [compare.told(each) for each in outcomes]
