"""Which releases are worth testing around an advisory's claims."""

import pytest

from avr.stages.find.neighbours import with_neighbours


@pytest.mark.parametrize(
    ("claimed", "count", "expected"),
    [
        ("3 4", 1, "2 3 4 5"),
        ("3 4", 0, "3 4"),
        ("1 7", 1, "1 2 6 7"),
        ("2 5", 2, "1 2 3 4 5 6 7"),
        ("", 3, ""),
    ],
)
def test_stretches_grow_on_both_sides(claimed: str, count: int, expected: str) -> None:
    """In the order of the versions, each once."""
    found = with_neighbours(["1", "2", "3", "4", "5", "6", "7"], frozenset(claimed.split()), count)
    assert found == tuple(expected.split())
