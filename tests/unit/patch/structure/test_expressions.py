"""Statements as a head and one expression."""

import pytest

from avr.stages.patch.languages.interface import Statement
from avr.stages.patch.languages.python import PYTHON
from avr.stages.patch.structure.expressions import Cut, comparable, cut, delimited, inner, occurrences


def statement(text: str) -> Statement:
    found = PYTHON.read((text,))
    assert found is not None
    return found.statements[0]


def expression(text: str) -> Cut:
    found = cut(statement(f"return {text}"))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("return a + b", "return | a + b"),
        ("raise Error(a, b)", "raise | Error ( a , b )"),
        ("a = b(c=1)", "a = | b ( c = 1 )"),
        ("a.b: int = c", "a . b : int = | c"),
        ("self.a(b % c)", "self . a ( | b % c"),
        ("return a if b else c", "return | a if b else c"),
        ("return", None),
        ("return a, b", None),
        ("return (yield a)", None),
        ("raise a from b", None),
        ("a = b = c", None),
        ("a, b = c", None),
        ("a += b", None),
        ("a(b, c)", None),
        ("a(*b)", None),
        ("a(b for b in c)", None),
        ("a(b)(c)", None),
        ("a()", None),
        ("if a: b(c)", None),
    ],
)
def test_a_statement_is_a_head_and_one_whole_expression(text: str, expected: str | None) -> None:
    """Lists of several, and what does more than work out a value, are none."""
    found = cut(statement(text))
    assert (f"{' '.join(found.head)} | {' '.join(found.words)}" if found else None) == expected


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("c = a + b", True),
        ("c = f(d, a + b)", True),
        ("c = d * a + b", False),
        ("c = a + b * d", False),
        ("c = f(a + b, d)", True),
    ],
)
def test_an_expression_is_exchanged_only_where_nothing_binds_to_a_part_of_it(text: str, whole: bool) -> None:
    """Between an equals sign, a bracket or a comma on both sides."""
    found = expression("a + b")
    (start,) = occurrences(statement(text), found)
    assert delimited(statement(text), start, found) == whole


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("a.b(c)", "d(c)", True),
        ("a.b(c)", "a", False),
        ("a.b", "a.b.strip()", False),
        ("a.b", "[c]", False),
        ("a.b", "c == d", False),
        ("a.b(c == d)", "e", True),
        ("[a]", "[b, c]", True),
    ],
)
def test_kinds_of_values_are_told_apart_as_far_as_can_be_seen(one: str, two: str, same: bool) -> None:
    """One that is worked out of the other is another value."""
    assert comparable(expression(one), expression(two)) == same


@pytest.mark.parametrize(
    ("two", "whole", "expected"),
    [
        ("if check(p, x, FLAG):", True, "x"),
        ("if check(q, x, FLAG):", True, None),
        ("if check(p % q, x, FLAG):", False, None),
        ("if check(p, u(p, x, FLAG)):", False, None),
        ("if other(p, x % y, FLAG):", False, "x % y"),
    ],
)
def test_what_stands_in_the_place_of_an_expression(two: str, whole: bool, expected: str | None) -> None:
    """The rest is the same, or what is right beside it where the rest has drifted too."""
    found, mine = expression("a + b"), statement("if check(p, a + b, FLAG):")
    (start,) = occurrences(mine, found)
    tokens = inner(mine, start, len(found.tokens), statement(two), whole=whole)
    assert (" ".join(each.norm for each in tokens) if tokens else None) == expected
