"""Recording, replaying and measuring in the sandbox, on a package of ours and on every interpreter at hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from avr.config import Settings
from avr.ecosystems.interface import FixedRelease, Watch
from avr.ecosystems.pypi import environment, index_config, interpreters
from avr.ecosystems.pypi.behaviour import measuring
from avr.ecosystems.pypi.behaviour.observe import Scene, observe
from avr.ecosystems.pypi.exploit import Prover
from avr.ecosystems.pypi.interpreters import Interpreter
from avr.ecosystems.pypi.suite import Suite
from avr.ecosystems.pypi.testrun import Limits, Runner
from avr.ecosystems.pypi.uv import Unresolved, Uv
from avr.model.behaviour import ChangedCall, Difference, Observation, RanBy
from avr.testing import build
from avr.tools.blobs import BlobStore

pytestmark = [pytest.mark.sandbox, pytest.mark.index]

CODE = """
MARK = "-"

def once(function):
    import functools
    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)
    return wrapper

class Cutter(object):
    def __init__(self, most):
        self.most = most
    def run(self, text, strict=False):
        return self._part(text)
    def _part(self, text):
        return text[:self.most]
    @property
    def half(self):
        return self.most // 2
    @staticmethod
    def size(text):
        return len(text)

def cut(text, most=3):
    return Cutter(most).run(text)

def chance():
    import random
    return random.SystemRandom().random()

@once
def joined(*parts):
    return MARK.join(parts)

def pieces(text):
    for each in text:
        yield each

def away(function):
    return function()
"""
TESTS = """
from thing import Cutter, away, chance, cut, joined, pieces

def test_cut():
    cut("abcdef")
    cut("xyz", most=1)

def test_others():
    Cutter(4).run("abcdef")
    assert Cutter(4).half == 2
    Cutter.size("abc")
    chance()
    joined("a", "b")
    list(pieces("ab"))
    away(lambda: 1)
"""
BEFORE = build.tree({"thing/__init__.py": CODE, "tests/test_thing.py": TESTS, "setup.py": ""})


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all interpreters."""
    made = tmp_path_factory.mktemp("cache")
    (made / "meta").mkdir()
    return made


def scene(cache: Path, interpreter: Interpreter) -> Scene:
    """Pytest and coverage.py for one interpreter."""
    uv = Uv(cache=cache / "uv", index=index_config.load().uv_environment())
    lock = uv.resolve(["pytest"], interpreter)
    assert not isinstance(lock, Unresolved)
    made = environment.make(lock, interpreter, uv=uv, cache=cache / "environments", wheels=None)
    runner = Runner(environment=made, meta=cache / "meta", blobs=BlobStore(cache / "blobs"))
    return Scene(
        runner=runner,
        tester=runner,
        prover=Prover(environment=made, meta=cache / "meta", blobs=runner.blobs, memory=1 << 30, disk=1 << 26),
        suite=Suite(paths=("tests",), origin="source archive", overlay={}),
        tool=measuring.tool(interpreter, Settings(home=cache, cache=cache)),
        limits=Limits(seconds=60, memory=1 << 30, disk=1 << 28),
    )


def seen(cache: Path, old: str, new: str, interpreter: Interpreter | None = None, suite: str = TESTS) -> Observation:
    """What is seen when `old` becomes `new` in the package."""
    found = interpreter or next(each for each in interpreters.discover() if each.minor >= (3, 8))
    assert old in CODE
    before = BEFORE.replacing({"tests/test_thing.py": suite.encode()})
    patched = before.replacing({"thing/__init__.py": CODE.replace(old, new).encode()})
    tests = {"tests/test_fix.py": b"from thing import cut\n\ndef test_fix():\n    cut('ab')\n"}
    watch = Watch(pinned=before, patched=patched, tests=tests, exploits=(), seconds=60)
    return observe(scene(cache, found), watch)


def worst(found: Observation) -> ChangedCall:
    """The first difference."""
    return found.changed[0]


def _oldest_and_newest_first() -> list[object]:
    """Those in between take their time in `make test-slow`."""
    found = sorted(interpreters.discover(), key=lambda each: each.version)
    return [
        pytest.param(each, id=str(each), marks=() if each in (found[0], found[-1]) else (pytest.mark.slow,))
        for each in found
    ]


@pytest.mark.parametrize("interpreter", _oldest_and_newest_first())
def test_every_interpreter(cache: Path, interpreter: Interpreter) -> None:
    """Calls are recorded, replayed and told apart, and lines measured, from Python 2.7 on."""
    found = seen(cache, "return text[:self.most]", "text = text[:2]\n        return text", interpreter)
    counts = {each.function: each.recorded for each in found.watched}
    assert {"thing.Cutter._part": 3, "thing.Cutter.run": 1, "thing.cut": 2} == counts
    assert ("thing.Cutter.run", Difference.RESULT, "gives 'abcd'", "gives 'ab'") == (
        worst(found).function,
        worst(found).difference,
        worst(found).before,
        worst(found).after,
    )
    assert ("tests.test_thing::test_others",) == worst(found).tests
    both = {"thing/__init__.py": [17, 18]}
    assert (both, both) == (found.coverage.executable, found.coverage.ran[RanBy.TESTS])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "function"),
    [
        ("return len(text)", "return len(text) + 1", "thing.Cutter.size"),
        ("return self.most // 2", "return self.most // 2 + 1", "thing.Cutter.half"),
        ('MARK = "-"', 'MARK = "+"', "thing.joined"),
        ("yield each", "yield each + each", "thing.pieces"),
    ],
)
def test_all_kinds_of_functions(cache: Path, old: str, new: str, function: str) -> None:
    """Static methods, properties, decorated functions that read a changed constant, generators."""
    found = seen(cache, old, new)
    assert (function, Difference.RESULT, False) == (
        worst(found).function,
        worst(found).difference,
        worst(found).generated,
    )


@pytest.mark.slow
def test_chance_is_set_aside(cache: Path) -> None:
    """What does not repeat on one tree says nothing of two, replayed or in place."""
    found = seen(cache, "return random.SystemRandom().random()", "return random.SystemRandom().random() * 2")
    assert ((), {"does not repeat": 2}) == (found.changed, found.reasons)
    assert 0 == sum(each.recorded for each in found.watched)


def test_what_cannot_be_carried_is_compared_in_place(cache: Path) -> None:
    """A function given as an argument stays in its process: the test makes the call again, on both sides."""
    found = seen(cache, "return function()\n", "return function() + 1\n")
    test = "tests.test_thing::test_others"
    assert (f"thing.away(...), call 1 of {test}", "gives 1", "gives 2", (test,)) == (
        worst(found).call,
        worst(found).before,
        worst(found).after,
        worst(found).tests,
    )
    assert ({"does not pickle": 1}, "") == (
        {why.partition(":")[0]: n for why, n in found.reasons.items()},
        found.problem,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("new", "after"), [("raise KeyError(1)", "raises KeyError: 1"), ("return None", "gives None")])
def test_ends_in_place(cache: Path, new: str, after: str) -> None:
    """What is raised is told from what is given back."""
    found = seen(cache, "return function()\n", f"function()\n    {new}\n")
    assert after == worst(found).after


@pytest.mark.slow
def test_a_state_that_the_patched_code_makes_is_not_taken_from_the_old(cache: Path) -> None:
    """Objects made by changed code are not carried; the call around them is compared instead."""
    found = seen(cache, "self.most = most", "self.most = self.limit = most")
    assert (0, True) == (len(found.changed), "thing.cut" in {each.function for each in found.watched})


def test_a_suite_that_takes_the_recording_away(cache: Path) -> None:
    """A link in place of the recorder's file is not followed: that costs evidence, never more."""
    away = "import os; path = '/results/calls.jsonl'; os.unlink(path); os.symlink('/etc/passwd', path)"
    hostile = f"{TESTS}\n\ndef test_z():\n    {away}\n"
    found = seen(cache, "return len(text)", "return len(text) + 1", suite=hostile)
    assert ((), True) == (found.watched, bool(found.problem))


@pytest.mark.slow
def test_a_replay_that_is_ended_says_so(cache: Path) -> None:
    """A patched tree that ends the process gives no outcome, and no pass."""
    found = seen(cache, "return len(text)", "import os; os._exit(0)")
    assert {"not replayed in time", "made otherwise on the patched side"} == set(found.reasons)
    assert 0 == sum(each.recorded for each in found.watched)


@pytest.mark.slow
def test_a_suite_that_names_the_package_too(cache: Path) -> None:
    """Where doctests are collected, the package's folder is one of the suite's: its code is code all the same."""
    found = next(each for each in interpreters.discover() if each.minor >= (3, 8))
    patched = BEFORE.replacing({"thing/__init__.py": CODE.replace("len(text)", "len(text) + 1").encode()})
    both = Suite(paths=("thing", "tests"), origin="source archive", overlay={})
    watch = Watch(pinned=BEFORE, patched=patched, tests={}, exploits=(), seconds=60)
    told = observe(replace(scene(cache, found), suite=both, tool="no coverage.py"), watch)
    assert "thing.Cutter.size" == worst(told).function


@pytest.mark.parametrize(("size", "same"), [("len(text) + 1", True), ("len(text) + 2", False)])
def test_upstreams_own_release_is_asked_where_a_call_ends_otherwise(cache: Path, size: str, same: bool) -> None:
    """Its outcome is compared with that of the patched tree."""
    found = next(each for each in interpreters.discover() if each.minor >= (3, 8))
    patched = BEFORE.replacing({"thing/__init__.py": CODE.replace("len(text)", "len(text) + 1").encode()})
    released = BEFORE.replacing({"thing/__init__.py": CODE.replace("len(text)", size).encode()})
    asked = FixedRelease(version="2.0", tree=lambda: released)
    watch = Watch(pinned=BEFORE, patched=patched, tests={}, exploits=(), seconds=60, fixed=asked)
    told = observe(replace(scene(cache, found), tool="no coverage.py"), watch)
    assert ("thing.Cutter.size", same) == (worst(told).function, worst(told).as_upstream)


@pytest.mark.slow
def test_without_coverage_there_are_still_calls(cache: Path) -> None:
    """The reason is told."""
    found = next(each for each in interpreters.discover() if each.minor >= (3, 8))
    patched = BEFORE.replacing({"thing/__init__.py": CODE.replace("len(text)", "len(text) + 1").encode()})
    watch = Watch(pinned=BEFORE, patched=patched, tests={}, exploits=(), seconds=60)
    told = observe(replace(scene(cache, found), tool="no coverage.py"), watch)
    assert (("no coverage.py",), "thing.Cutter.size") == (told.coverage.problems, worst(told).function)
