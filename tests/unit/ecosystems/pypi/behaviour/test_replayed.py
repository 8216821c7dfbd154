"""Which of the calls that end otherwise end as in upstream's own release."""

import pytest

from avr.ecosystems.pypi.behaviour.reading import Call, Json, Literal
from avr.ecosystems.pypi.behaviour.replayed import as_upstream, differing


def gives(value: Json) -> Literal:
    """An outcome that came back."""
    return {"r": ["value", "builtins.int", value]}


CALL = Call(module="thing", path=("cut",), arguments=({"s": "a"},), named={})
OLD, NEW = gives("1"), gives("2")
UNTOLD: Literal = {"u": "cannot be told"}
HANGS: Literal = {"h": 1}


def test_calls_that_do_not_repeat_are_not_said_to_differ() -> None:
    """Only the second ends otherwise, each time."""
    before = [[OLD, OLD, OLD], [NEW, OLD, OLD]]
    after = [[NEW, NEW, OLD], [NEW, NEW, OLD]]
    assert [1] == differing([CALL] * 3, before, after)


@pytest.mark.parametrize(
    ("upstream", "same"),
    [
        ([NEW, NEW], True),
        ([NEW, OLD], False),
        ([OLD, OLD], False),
        ([NEW, None], False),
        ([None, None], False),
        ([UNTOLD, UNTOLD], False),
        ([HANGS, HANGS], False),
        ([{"e": ["builtins.ImportError", "x"]}] * 2, False),
        ([], False),
    ],
)
def test_upstreams_outcome_must_be_the_new_one_each_time(upstream: list[Literal | None], same: bool) -> None:
    """One that cannot be had, or told, is none."""
    found = as_upstream([1], [[OLD, NEW, OLD]] * 2, [[each] for each in upstream])
    assert found == (frozenset({1}) if same else frozenset())


def test_a_new_hang_is_never_upstreams() -> None:
    """Nobody waits long enough to know."""
    assert frozenset() == as_upstream([0], [[HANGS]], [[HANGS]])
