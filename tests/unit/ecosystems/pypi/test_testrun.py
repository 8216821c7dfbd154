"""Runs of tests in the sandbox, with an environment of the system's own interpreter."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avr.ecosystems.pypi import environment, index_config, interpreters
from avr.ecosystems.pypi.environment import Environment
from avr.ecosystems.pypi.testrun import Limits, Runner
from avr.ecosystems.pypi.uv import Unresolved, Uv
from avr.model.evidence import TestStatus
from avr.model.source import SourceTree
from avr.tools.blobs import BlobStore

pytestmark = [pytest.mark.sandbox, pytest.mark.index]

LIMITS = Limits(seconds=60, memory=1 << 30, disk=64 << 20)
ADD = b"def add(a, b):\n    return a + b\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with pytest for some modern interpreter of this machine."""
    cache = tmp_path_factory.mktemp("cache")
    found = [each for each in interpreters.discover() if (3, 8) <= each.minor <= (3, 13)]
    uv = Uv(cache=cache / "uv", index=index_config.load().uv_environment())
    lock = uv.resolve(["pytest"], found[0], until=datetime(2024, 1, 1, tzinfo=UTC))
    assert not isinstance(lock, Unresolved)
    return environment.make(lock, found[0], uv=uv, cache=cache / "environments", wheels=None)


@pytest.fixture
def runner(made: Environment, tmp_path: Path) -> Runner:
    """Pytest without any metadata of a package."""
    (tmp_path / "meta").mkdir()
    return Runner(environment=made, meta=tmp_path / "meta", blobs=BlobStore(tmp_path / "blobs"))


def tree(test: str, **more: bytes) -> SourceTree:
    """A package in `src` with one test file."""
    return SourceTree(files={"src/sums/__init__.py": ADD, "tests/test_sums.py": test.encode(), **more})


def test_results_are_those_of_the_given_tree(runner: Runner) -> None:
    """Passes, failures and skips arrive by name; the output is stored."""
    test = (
        "import pytest, sums\n"
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n):\n    assert sums.add(n, n) == 2\n"
        "@pytest.mark.skip\ndef test_s():\n    pass\n"
    )
    run = runner.run(tree(test), ("tests",), LIMITS)
    assert run.results == {
        "tests.test_sums::test_n[1]": TestStatus.PASSED,
        "tests.test_sums::test_n[2]": TestStatus.FAILED,
        "tests.test_sums::test_s": TestStatus.SKIPPED,
    }
    assert (run.exit_code, run.executed, run.problem) == (1, 2, "")
    assert run.log is not None
    assert b"2 failed, 1 passed, 1 skipped" in runner.blobs.get(run.log)


def test_one_run_leaves_nothing_to_the_next(runner: Runner) -> None:
    """Files written into the tree are gone; the same command gives the same results."""
    source = tree("import os\ndef test_a():\n    assert not os.path.exists('left')\n    open('left', 'w').close()\n")
    first, second = (runner.run(source, ("tests",), LIMITS) for _ in range(2))
    assert (first.command, first.results, first.exit_code) == (second.command, second.results, 0)


def test_functions_can_be_selected(runner: Runner) -> None:
    """All parameters of the named ones run, the others do not."""
    source = tree(
        "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n):\n    pass\ndef test_a():\n    pass\n"
        "class TestC:\n    def test_b(self):\n        pass\n    def test_c(self):\n        pass\n"
    )
    run = runner.run(source, ("tests",), replace(LIMITS, only=("test_n", "test_b")))
    assert {"test_n[1]", "test_n[2]", "test_b"} == {each.partition("::")[2] for each in run.results}


def test_a_broken_file_is_an_error_and_the_others_run(runner: Runner) -> None:
    """A file that cannot be collected never counts as passed and does not stop the rest."""
    source = tree("def test_a():\n    pass\n", **{"tests/test_b.py": b"import nothing_of_that_name\n"})
    assert runner.run(source, ("tests",), LIMITS).results == {
        "::tests.test_b": TestStatus.ERROR,
        "tests.test_sums::test_a": TestStatus.PASSED,
    }
    collected = runner.collect(source, ("tests",), LIMITS)
    assert (collected.tests, collected.missing) == (1, ("nothing_of_that_name",))


def test_no_tests_are_no_results(runner: Runner) -> None:
    """An empty run is a problem and never a pass."""
    run = runner.run(tree("x = 1\n"), ("tests",), LIMITS)
    assert (run.results, run.problem, run.exit_code) == ({}, "no tests", 5)


def test_a_hang_is_ended(runner: Runner) -> None:
    """The time limit leaves no results, no exit code, and its name as the problem."""
    source = tree("import time\ndef test_a():\n    time.sleep(600)\n")
    run = runner.run(source, ("tests",), Limits(seconds=3, memory=1 << 30, disk=64 << 20))
    assert (run.results, run.problem, run.exit_code) == ({}, "timeout", None)


def test_a_crash_is_told(runner: Runner) -> None:
    """An interpreter that dies writes no report."""
    run = runner.run(tree("import os\ndef test_a():\n    os._exit(3)\n"), ("tests",), LIMITS)
    assert (run.results, run.problem) == ({}, "crash: the tests ended with exit code 3 and no report")


def test_configured_options_for_absent_plugins_do_no_harm(runner: Runner) -> None:
    """Coverage and parallel runs that a project configures are left out."""
    source = tree("def test_a():\n    pass\n", **{"setup.cfg": b"[tool:pytest]\naddopts = --cov=sums -n 2\n"})
    assert runner.run(source, ("tests",), LIMITS).results == {"tests.test_sums::test_a": TestStatus.PASSED}


def test_the_old_name_of_the_configuration_is_understood(runner: Runner) -> None:
    """Pytest 4 and later refuse the section that older projects wrote."""
    source = tree("def check_a():\n    pass\n", **{"setup.cfg": b"[pytest]\npython_functions = check_*\n"})
    assert runner.run(source, ("tests",), LIMITS).results == {"tests.test_sums::check_a": TestStatus.PASSED}


def test_the_environment_is_seen_as_a_virtual_one(runner: Runner) -> None:
    """Packages of the interpreter itself stay out, paths are the same on every machine, time and hashing are fixed."""
    test = (
        "import os, sys, time\ndef test_a():\n"
        "    assert sys.prefix == '/opt/env' != sys.base_prefix\n"
        "    assert (time.tzname[0], os.environ['PYTHONHASHSEED'], os.getcwd()) == ('UTC', '0', '/tmp/tree')\n"
        "    assert not any('root' in each or 'home' in each for each in sys.path)\n"
    )
    assert set(runner.run(tree(test), ("tests",), LIMITS).results.values()) == {TestStatus.PASSED}


def test_parametrized_methods_of_unittest_classes_run(runner: Runner) -> None:
    """Each set of parameters is a test of its own, with pytest's name for it; marks and class fixtures still hold."""
    test = """
import pytest, unittest

class Base(unittest.TestCase):
    def setUp(self):
        self.two = 2

class TestSums(Base):
    @pytest.mark.parametrize("n", [2, pytest.param(3, id="three"), pytest.param(9, marks=pytest.mark.skip)])
    def test_n(self, n):
        assert n == self.two

    @pytest.mark.parametrize("a", "xy")
    @pytest.mark.parametrize(("b", "c"), [("u", None), ("v", object())])
    def test_many(self, a, b, c):
        assert b == "u"

    def test_plain(self):
        pass
"""
    prefix, passed, failed = "tests.test_sums.TestSums::", TestStatus.PASSED, TestStatus.FAILED
    assert runner.run(tree(test), ("tests",), LIMITS).results == {
        f"{prefix}test_n[2]": passed,
        f"{prefix}test_n[three]": failed,
        f"{prefix}test_n[9]": TestStatus.SKIPPED,
        f"{prefix}test_many[u-None-x]": passed,
        f"{prefix}test_many[u-None-y]": passed,
        f"{prefix}test_many[v-c1-x]": failed,
        f"{prefix}test_many[v-c1-y]": failed,
        f"{prefix}test_plain": passed,
    }


def test_a_script_of_the_tree_runs_its_suite(runner: Runner) -> None:
    """Started in its own folder with labels; the results come from its XML report, limits from ours."""
    script = b"import sys, unittest\nunittest.main(module=None, argv=['x', *(sys.argv[1:] or ['app.tests'])])\n"
    case = b"import unittest, sums\nclass T(unittest.TestCase):\n  def test_a(self):\n    assert sums.add(1, 1) == %d\n"
    files = {"tests/runtests.py": script, "tests/app/tests.py": case % 2, "tests/other/tests.py": case % 3}
    scripted = replace(runner, script="tests/runtests.py")
    whole = scripted.run(tree("", **files), ("tests",), LIMITS)
    assert (whole.results, whole.exit_code) == ({"app.tests.T::test_a": TestStatus.PASSED}, 0)
    part = scripted.run(tree("", **files), ("tests/other/tests.py", "tests/gone.py"), LIMITS)
    assert part.results == {"other.tests.T::test_a": TestStatus.FAILED, "::gone": TestStatus.ERROR}
    assert [False, True, True] == [scripted.takes(each) for each in (("src/sums.py",), (), ("tests/other",))]
