"""Placed lines written for an older Python."""

import pytest

from avr.stages.patch.adapt.fstrings import formatted
from avr.stages.patch.adapt.lower import lower
from avr.stages.patch.change import Refusal
from avr.stages.patch.text import Text

NOTHING = Text.of(b"")


def lowered(source: str, minimum: tuple[int, int], old: str = "") -> str:
    return lower(Text.of(old.encode()), Text.of(source.encode()), minimum).text.to_bytes().decode()


@pytest.mark.parametrize(
    ("minimum", "source", "expected"),
    [
        ((3, 7), "if (a := f()) > 1:\n    g(a)\n", "a = f()\nif a > 1:\n    g(a)\n"),
        ((3, 7), "def f(a, /, b):\n    pass\n", "def f(a, b):\n    pass\n"),
        ((3, 5), "x = f'{a!r:>4}' 'b{'\n", "x = ('{!r:>4}' 'b{{').format(a)\n"),
        ((3, 5), "x: int = 1_000\n", "x = 1000\n"),
        ((3, 8), "a = b.removesuffix(c)\n", "a = (b[:-len(c)] if c and b.endswith(c) else b)\n"),
        ((3, 9), "def f(a: int | None) -> str:\n    pass\n", 'def f(a: "int | None") -> str:\n    pass\n'),
        (
            (3, 9),
            "from typing import Optional\ndef f(a: int | None) -> str:\n    pass\n",
            "from typing import Optional\ndef f(a: Optional[int]) -> str:\n    pass\n",
        ),
        ((2, 7), "def f(a: int = 1, *, b=2) -> str:\n    raise A(a) from b\n", "def f(a=1, b=2):\n    raise A(a)\n"),
    ],
)
def test_newer_syntax_is_written_as_it_was_before(minimum: tuple[int, int], source: str, expected: str) -> None:
    """Every piece of syntax becomes what the oldest Python knows."""
    assert lowered(source, minimum) == expected


@pytest.mark.parametrize(
    "source",
    [
        "while (a := f()):\n    g(a)\n",
        "if b and (a := f()):\n    g(a)\n",
        "match a:\n    case 1:\n        pass\n",
        "def f(*a, b):\n    pass\n",
    ],
)
def test_what_nobody_can_write_is_left_and_named(source: str) -> None:
    """Syntax without an older form stays as it is, and the caller hears of it."""
    result = lower(NOTHING, Text.of(source.encode()), (2, 7))
    assert result.text.to_bytes().decode() == source
    assert result.left


def test_what_the_pin_uses_itself_stays() -> None:
    """A file with f-strings does not run on the Python that the package declares, so they may stay."""
    old = "x = f'{a}'\n"
    assert lowered(old + "y = f'{b}'\n", (2, 7), old) == old + "y = f'{b}'\n"


def test_lines_that_were_there_stay() -> None:
    """Only the lines of the patch are rewritten."""
    old = "def f(a: int):\n    pass\n"
    assert lowered(old, (2, 7), old) == old


@pytest.mark.parametrize("part", ["f'{a=}'", "f'{a:{b}}'", "f'{'"])
def test_f_strings_with_more_than_plain_fields_are_refused(part: str) -> None:
    """Nested fields and debugging forms have no plain `str.format`."""
    assert isinstance(formatted([part]), Refusal)
