"""Inputs around recorded ones."""

from pathlib import Path

import pytest

from avr.ecosystems.pypi.behaviour import generated
from avr.ecosystems.pypi.behaviour.reading import Call, Literal


def call(*arguments: Literal) -> Call:
    """A recorded call."""
    return Call(module="thing", path=("cut",), arguments=arguments, named={}, tests=frozenset({"t"}))


def test_they_are_new_and_of_the_same_types() -> None:
    """Every argument keeps its tag; objects stay as they are; what was recorded is not made again."""
    known = [call({"s": "a/b c"}, {"i": "3"}, {"p": "gAI="}), call({"s": "x-y"}, {"i": "7"}, {"p": "gAJ9"})]
    made = generated.calls(known, 30, 99)
    assert len(made) > 9
    assert [("s", "i", "p")] * len(made) == [tuple(next(iter(each)) for each in one.arguments) for one in made]
    assert {"gAI=", "gAJ9"} >= {str(one.arguments[2]["p"]) for one in made}
    assert all(one.generated and not one.tests for one in made)
    assert not {repr(one.arguments) for one in made} & {repr(each.arguments) for each in known}


def test_they_are_the_same_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No chance, no database, nothing written where the user stands."""
    monkeypatch.chdir(tmp_path)
    known = [call({"s": "a/b"}, {"b": "YWI="})]
    assert generated.calls(known, 20, 99) == generated.calls(known, 20, 99)
    assert [] == list(tmp_path.iterdir())


def test_objects_alone_are_not_varied() -> None:
    """There is nothing to vary."""
    assert () == generated.calls([call({"p": "gAI="}, {"c": None})], 30, 99)


def test_no_more_than_asked_for() -> None:
    """The replays are bounded by it."""
    assert 5 == len(generated.calls([call({"s": "a b c d e f"})], 30, 5))
