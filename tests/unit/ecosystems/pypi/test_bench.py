"""Benches of real pins, from the index to the results."""

from pathlib import Path

import pytest

from avr.config import Settings
from avr.ecosystems.interface import Pin, TestRequest
from avr.ecosystems.pypi import bench, index_config
from avr.ecosystems.pypi.registry import PyPIRegistry
from avr.model.component import Component
from avr.model.evidence import TestStatus
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree

FILES = {
    "PKG-INFO": b"Metadata-Version: 2.1\nName: sums\nVersion: 1.0\nRequires-Python: >=3.8\n",
    "pyproject.toml": b'[project]\nname = "sums"\n[project.scripts]\nsums = "sums:main"\n',
    "src/sums/__init__.py": b"def main():\n    print('sum')\n",
}
TESTS = {
    "tests/test_sums.py": (
        b"import subprocess, importlib.metadata\nimport sums, iniconfig\n"
        b"def test_version():\n    assert importlib.metadata.version('sums') == '1.0'\n"
        b"def test_script():\n    assert subprocess.check_output(['sums']) == b'sum\\n'\n"
        b"def test_mock(mocker):\n    mocker.patch('sums.main')\n"
    )
}


def pin(**more: bytes) -> Pin:
    """A small pin that is on no index; its released date is unknown."""
    component = Component(ecosystem=EcosystemName.PYPI, name="sums", version="1.0")
    return Pin(component=component, tree=SourceTree(files={**FILES, **more}), sdist=None, wheel=None, released=None)


def settings(folder: Path) -> Settings:
    """Everything below one folder."""
    return Settings(home=folder / "home", cache=folder / "cache")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One cache for all tests here, so that each environment is made once."""
    return settings(tmp_path_factory.mktemp("bench"))


@pytest.fixture
def registry(kept: Settings) -> PyPIRegistry:
    """The index that the ordinary clients use."""
    return PyPIRegistry(kept.cache / "registry", index_config.load())


@pytest.mark.index
@pytest.mark.sandbox
def test_upstream_tests_run_against_the_pins_code(kept: Settings, registry: PyPIRegistry) -> None:
    """Metadata, console scripts, plug-ins behind fixtures and missing modules are all provided."""
    made = bench.prepare(pin(), SourceTree(files=TESTS), settings=kept, registry=registry)
    run = made.run(pin().tree, {}, TestRequest(seconds=60))
    assert (made.problem, made.facts["suite"], run.executed) == (None, "upstream tag", 3)
    assert set(run.results.values()) == {TestStatus.PASSED}


@pytest.mark.index
@pytest.mark.sandbox
def test_a_security_test_runs_on_a_pin_without_a_suite(kept: Settings, registry: PyPIRegistry) -> None:
    """The tests given to a run decide, on the tree given to it."""
    made = bench.prepare(pin(), None, settings=kept, registry=registry)
    tests = {"tests/test_new.py": b"import sums\ndef test_new():\n    assert sums.SAFE\n"}
    request = TestRequest(paths=("tests/test_new.py",), seconds=60)
    before = made.run(pin().tree, tests, request)
    after = made.run(pin().tree.replacing({"src/sums/__init__.py": b"SAFE = True\n"}), tests, request)
    name = "tests.test_new::test_new"
    assert (before.results, after.results) == ({name: TestStatus.FAILED}, {name: TestStatus.PASSED})
    assert made.run(pin().tree, {}, TestRequest()).problem == "no suite"


@pytest.mark.index
@pytest.mark.sandbox
def test_a_security_test_gets_what_it_uses(kept: Settings, registry: PyPIRegistry) -> None:
    """A plug-in that the suite has no use for, and a module that it does not import; never a module of the pin."""
    made = bench.prepare(pin(), None, settings=kept, registry=registry)
    tests = {
        "tests/test_a.py": b"import six\ndef test_a(mocker):\n    assert six.PY3\n",
        "tests/test_b.py": b"import sums.later\ndef test_b():\n    pass\n",
    }
    run = made.run(pin().tree, tests, TestRequest(paths=tuple(tests), seconds=60))
    assert run.results == {"tests.test_a::test_a": TestStatus.PASSED, "::tests.test_b": TestStatus.ERROR}


@pytest.mark.index
@pytest.mark.sandbox
def test_a_suite_that_pytest_cannot_read_runs_by_its_own_script(kept: Settings, registry: PyPIRegistry) -> None:
    """The script prepares what the tests need; as a whole, in pieces and for given tests alike."""
    case = b"import prepared, sums, unittest\nclass T(unittest.TestCase):\n  def test_a(self):\n    assert sums.main\n"
    suite = {
        "tests/runtests.py": (
            b"import sys, types, unittest\nsys.modules['prepared'] = types.ModuleType('prepared')\n"
            b"# stands for django.test.utils.get_runner\n"
            b"unittest.main(module=None, argv=['x', *(sys.argv[1:] or ['one.tests', 'two.tests'])])\n"
        ),
        **dict.fromkeys(("tests/one/__init__.py", "tests/two/__init__.py"), b"from .tests import *"),
        **dict.fromkeys(("tests/one/tests.py", "tests/two/tests.py"), case),
    }
    made = bench.prepare(pin(**suite), None, settings=kept, registry=registry)
    tree = pin(**suite).tree
    whole = made.run(tree, {}, TestRequest(seconds=60))
    pieces = made.run(tree, {}, TestRequest(seconds=60, apart=True))
    one = made.run(tree, {"tests/one/tests.py": case}, TestRequest(seconds=60, paths=("tests/one/tests.py",)))
    expected = {f"{name}.tests.T::test_a": TestStatus.PASSED for name in ("one", "two")}
    assert ("tests/runtests.py", expected, expected) == (made.facts["runner"], whole.results, pieces.results)
    assert (("tests/one", "tests/two"), ["one.tests.T::test_a"]) == (pieces.parts, list(one.results))


@pytest.mark.index
@pytest.mark.sandbox
def test_a_suite_runs_in_pieces(kept: Settings, registry: PyPIRegistry) -> None:
    """A file that ends its process costs its own tests alone, and later runs are given those that ended."""
    suite = {
        "tests/test_dies.py": b"import os\ndef test_dies():\n    assert os._exit(3)\n",
        "tests/test_sums.py": b"import sums\ndef test_main():\n    assert not sums.main()\n",
    }
    made = bench.prepare(pin(**suite), None, settings=kept, registry=registry)
    tree = pin(**suite).tree
    assert made.run(tree, {}, TestRequest(seconds=60)).problem.startswith("crash")
    first = made.run(tree, {}, TestRequest(seconds=60, apart=True, changed=("src/sums/__init__.py",)))
    again = made.run(tree, {}, TestRequest(seconds=60, apart=True, paths=first.parts))
    assert (("tests/test_sums.py",), ["tests/test_dies.py"]) == (first.parts, list(first.left_out))
    assert first.results == again.results == {"tests.test_sums::test_main": TestStatus.PASSED}


def test_without_a_sandbox_nothing_runs(
    tmp_path: Path, registry: PyPIRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bench has a problem that says what to install, and its runs have no results."""
    monkeypatch.setenv("PATH", str(tmp_path))
    made = bench.prepare(pin(**TESTS), None, settings=settings(tmp_path), registry=registry)
    assert "install -y bubblewrap" in (made.problem or "")
    run = made.run(pin().tree, {}, TestRequest())
    assert (run.results, run.executed, run.exit_code) == ({}, 0, None)


@pytest.mark.sandbox
def test_a_pin_for_no_interpreter_here_has_a_problem(tmp_path: Path, registry: PyPIRegistry) -> None:
    """The range that would be needed is named."""
    info = FILES["PKG-INFO"].replace(b">=3.8", b">=4.2")
    made = bench.prepare(pin(**{"PKG-INFO": info}), None, settings=settings(tmp_path), registry=registry)
    assert made.problem == "no CPython on this machine satisfies '>=4.2'"
