"""Two threads that parse at once do not disturb each other."""

import ast
import gc
import threading
from pathlib import Path

import pytest

import avr
from avr.tools.python_syntax import parse

SOURCE = "def f(x):\n    return [((x + 1) * 2, {'a': (x, [x, (x,)])}) for _ in range(3)]\n" * 200


class _Switch:
    """Runs Python code whenever it is collected, which gives other threads their turn."""

    def __init__(self) -> None:
        self.own = self

    def __del__(self) -> None:
        sum(range(50))


def test_threads_parse_side_by_side() -> None:
    """Without the lock this fails on CPython below 3.13 within a second."""
    problems: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(8):
                made = [_Switch() for _ in range(50)]
                del made
                parse(SOURCE)
        except BaseException as error:  # noqa: BLE001 - told below
            problems.append(error)

    before = gc.get_threshold()
    gc.set_threshold(20)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    finally:
        gc.set_threshold(*before)
    assert problems == []


def test_nobody_parses_past_the_lock() -> None:
    """Programs that run inside the sandbox have one thread, and no part of ours there."""
    root = Path(avr.__file__).parent
    mine = root / "tools" / "python_syntax.py"
    inside = root / "ecosystems" / "pypi" / "inside"
    found = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "ast.parse(" in path.read_text() and path != mine and inside not in path.parents
    ]
    assert found == []


def test_a_library_in_the_way_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever parses without the lock can spoil a try, and only that."""
    spoilt = [SystemError("mismatch"), SystemError("mismatch")]

    def parse_once(*_given: object, **_named: object) -> ast.Module:
        if spoilt:
            raise spoilt.pop()
        return ast.Module(body=[], type_ignores=[])

    monkeypatch.setattr(ast, "parse", parse_once)
    assert parse("x").body == []
    assert spoilt == []
