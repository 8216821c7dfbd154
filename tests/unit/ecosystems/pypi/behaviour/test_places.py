"""Where two forms of a file differ."""

import pytest

from avr.ecosystems.pypi.behaviour.places import Places, between


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        (b"a\nb\nc\n", b"a\nB\nc\n", (2,), (2,)),
        (b"a\nc\n", b"a\nb\nc\n", (1.5,), (2,)),
        (b"a\nb\nc\n", b"a\nc\n", (2,), (1, 2)),
        (b"a\n", b"a\n", (), ()),
        (b"a\r\nb\r\n", b"a\r\nB\r\n", (2,), (2,)),
    ],
)
def test_places(old: bytes, new: bytes, before: tuple[float, ...], after: tuple[int, ...]) -> None:
    """Changed lines, gaps for what is put in, the lines around what is taken away."""
    assert Places(before=before, after=after) == between(old, new)
