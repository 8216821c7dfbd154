"""Changes inside of string literals, merged by characters."""

import pytest

from avr.stages.patch.change import Refusal
from avr.stages.patch.languages import language_of
from avr.stages.patch.languages.interface import Source
from avr.stages.patch.literals import merge_literals


def source(text: str) -> Source:
    language = language_of("a.py")
    assert language is not None
    found = language.read((text,))
    assert found is not None
    return found


def merged(base: str, theirs: str, ours: str) -> str | None:
    made = merge_literals(source(base), source(theirs), source(ours), (0, 0, 0))
    return None if isinstance(made, Refusal) else "\n".join(made)


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "expected"),
    [
        ("f(r'long ab$')", r"f(r'long ab\Z')", "f(r'lone ab$')", r"f(r'lone ab\Z')"),
        ("f(r'x long$')", r"f(r'x long\Z')", "f(r'y long$')", r"f(r'y long\Z')"),
        ("f(r'x long$')", r"f(r'x long\Z')", 'f(r"y long$")', r'f(r"y long\Z")'),
        ("f('x long$')", "f('x long\"')", 'f("y long$")', None),
        ("f(r'x long$')", r"f(r'x long\Z')", "f('y long$')", None),
        ("f(r'x long$')", r"f(r'x long\Z')", r"f(r'y long\$')", None),
        ("f('^a long', x)", "f('a long', x)", "f('^b short' + y, x)", "f('b short' + y, x)"),
        ("f('a', 'b long$')", r"f('a', 'b long\Z')", "f('c long$')", None),
        ("f('a begin end b')", "f('a begin, end b')", "f('c begin end d')", "f('c begin, end d')"),
        ("f('a begin end b')", "f('a begin, end b')", "f('c begin end begin end d')", None),
        ("f(x, 'a long$')", r"g(x, 'a long\Z')", "f(x, 'b long$')", None),
        ("f(f'a long$')", r"f(f'a long\Z')", "f(f'b long$')", None),
        (r"f('\x41 long a')", r"f('\x42 long a')", r"f('\x41 long b')", r"f('\x42 long b')"),
        (r"f('\x41 long a')", r"f('\x42 long a')", r"f('\x11 long b')", None),
    ],
)
def test_a_change_in_a_literal_is_sure_or_refused(base: str, theirs: str, ours: str, expected: str | None) -> None:
    """The change is made where the same stands around it, in a literal of the same kind, and nowhere else."""
    assert merged(base, theirs, ours) == expected
