"""What programs beside hostile code wrote is read without trust."""

import json

import pytest

from avr.ecosystems.pypi.behaviour import reading
from avr.ecosystems.pypi.behaviour.reading import Json

FILES = {"/tmp/tree/thing.py": "thing.py"}
LINE: dict[str, Json] = {
    "n": 0,
    "m": "thing",
    "p": ["Cutter", "run"],
    "a": [{"s": "a"}, {"l": [{"i": "1"}]}],
    "k": {"most": {"c": None}},
    "r": "/tmp/tree/thing.py",
    "t": "tests/test_x.py::TestC::test_a[1-a b] (call)",
}


def written(*lines: Json) -> bytes:
    """A recorder's file."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in lines)


def test_a_call_is_read() -> None:
    """With the file it reached and the test that made it, by its JUnit id."""
    (call,) = reading.recorded(written(LINE), 9, FILES).calls
    tests = ["tests.test_x.TestC::test_a[1-a b]"]
    assert ("thing.Cutter.run", ["thing.py"], tests, True) == (
        call.function,
        list(call.reached),
        list(call.tests),
        call.public,
    )
    assert "thing.Cutter.run('a', <1 items>, most=None)" == reading.shown(call)


def test_another_test_of_the_same_call_is_added() -> None:
    """The recorder writes only the number again."""
    again: Json = {"n": 0, "r": LINE["r"], "t": "tests/test_y.py::test_b (call)"}
    (call,) = reading.recorded(written(LINE, again), 9, FILES).calls
    assert {"tests.test_x.TestC::test_a[1-a b]", "tests.test_y::test_b"} == call.tests


def test_too_many_tests_are_not_all_known() -> None:
    """A call whose tests are not all known can never be explained by tests that were rewritten."""
    lines: list[Json] = [{**LINE, "t": f"tests/test_x.py::test_{number} (call)"} for number in range(80)]
    (call,) = reading.recorded(written(*lines), 9, FILES).calls
    assert (True, 51) == (reading.UNKNOWN in call.tests, len(call.tests))


@pytest.mark.parametrize(
    "change",
    [
        {"m": "os; import x"},
        {"p": []},
        {"p": ["a b"]},
        {"p": [1]},
        {"a": [{"s": 1}]},
        {"a": [{"z": "a"}]},
        {"a": [{"s": "a", "b": ""}]},
        {"a": [{"i": "9" * 5000}]},
        {"a": [{"b": "?"}]},
        {"a": "text"},
        {"k": {"a-b": {"s": "a"}}},
        {"r": "/etc/passwd"},
        {"n": "0"},
    ],
)
def test_what_no_recorder_writes_is_passed_over(change: dict[str, Json]) -> None:
    """Unknown tags, odd names, files that were not asked for."""
    assert () == reading.recorded(written({**LINE, **change}), 9, FILES).calls


def test_what_is_no_json_is_passed_over() -> None:
    """Nor do deep nesting and long lines get in."""
    data = b"\xff\xfe\n" + b"[" * 100_000 + b"\n" + b'"' + b"a" * (1 << 18) + b'"\n' + written(LINE)
    assert 1 == len(reading.recorded(data, 9, FILES).calls)


def test_no_more_calls_than_asked_for() -> None:
    """A hostile recorder cannot fill the memory."""
    lines = [{**LINE, "n": number} for number in range(20)]
    assert 7 == len(reading.recorded(written(*lines), 7, FILES).calls)


def test_outcomes_are_taken_by_their_number() -> None:
    """Others, and numbers nobody asked for, are not."""
    data = written([1, {"r": 1}], [5, {"r": 2}], {"r": 3}, [0])
    assert [None, {"r": 1}] == reading.outcomes(data, 2)


def test_lines_of_other_files_are_not_taken() -> None:
    """Only what was asked for counts, and only numbers."""
    told: Json = {"can": [3, 1, "x"], "ran": [1]}
    whole: Json = {"tool": "7", "files": {"/tmp/tree/thing.py": told, "/etc/x": told}}
    found = reading.lines(written(whole), FILES)
    assert found is not None
    assert ({"thing.py": [1, 3]}, {"thing.py": [1]}) == (found.can, found.ran)


@pytest.mark.parametrize("name", ["_thing.cut", "thing._cut", "thing._Cutter.run"])
def test_private_names(name: str) -> None:
    """One private part is enough."""
    module, *path = name.split(".")
    (call,) = reading.recorded(written({**LINE, "m": module, "p": list(path)}), 9, FILES).calls
    assert not call.public


def test_deep_nesting_is_passed_over() -> None:
    """Whoever walks what was read cannot be sent into the depths."""
    deep = b"[0, " + b"[" * 100 + b"]" * 100 + b"]\n"
    assert [None] == reading.outcomes(deep, 1)


def test_reasons_are_bounded() -> None:
    """A hostile run cannot fill the report with reasons."""
    lines: list[Json] = [{"lost": "f", "why": f"{number}"} for number in range(900)]
    assert 50 == len(reading.recorded(written(*lines), 9, FILES).lost)
