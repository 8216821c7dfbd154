"""What runs inside the sandbox, and how its reports are read."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import benchmarks.backport.inside
import pytest
from benchmarks.backport import django, node
from benchmarks.backport.cases import Case, Runnable
from benchmarks.backport.execute import Suite
from tests.unit.benchmarks.backport.conftest import git


def test_tap_is_read_with_its_indents() -> None:
    """Subtests keep their indent, times and braces go, skipped tests are left out; a repeated name must pass twice."""
    output = "=== test/a.js\nok 1 - one # time=3ms\n    not ok 2 - two\nok 3 - x # SKIP\nok 4 y {\nnot ok 4 y\n"
    assert {"test/a.js:1 - one": True, "test/a.js:    2 - two": False, "test/a.js:4 y": False} == node.results(output)


def test_the_report_of_mocha_is_read() -> None:
    """Full titles, failures and pending tests, whatever is printed before."""
    report = {
        "stats": {},
        "tests": [{"fullTitle": each} for each in ("a", "b", "c")],
        "pending": [{"fullTitle": "c"}],
        "failures": [{"fullTitle": "b"}],
    }
    output = f"=== test/a.js\nsaid before\n{json.dumps(report, indent=2)}\n\n"
    assert {"test/a.js:a": True, "test/a.js:b": False} == node.results(output)


def test_unittest_is_recorded(tmp_path: Path) -> None:
    """Every ending of a test is noted by its id; a failed subtest fails its test."""
    (tmp_path / "script.py").write_text(
        "import unittest\n"
        "class T(unittest.TestCase):\n"
        "    def test_good(self): pass\n"
        "    def test_bad(self): self.fail()\n"
        "    @unittest.skip('x')\n"
        "    def test_skipped(self): pass\n"
        "    @unittest.expectedFailure\n"
        "    def test_expected(self): self.fail()\n"
        "    def test_sub(self):\n"
        "        with self.subTest(a=1): self.fail()\n"
        "    def test_half(self):\n"
        "        with self.subTest(a=1): self.skipTest('x')\n"
        "unittest.main()\n"
    )
    recorder = Path(benchmarks.backport.inside.__path__[0]) / "record_unittest.py"
    line = [sys.executable, str(recorder), str(tmp_path / "results"), str(tmp_path / "script.py")]
    subprocess.run(line, capture_output=True, check=False, timeout=60)
    found = django.results((tmp_path / "results").read_text())
    expected = {"good": True, "bad": False, "expected": True, "sub": False, "half": True}
    assert {f"__main__.T.test_{name}": passed for name, passed in expected.items()} == found


@pytest.mark.sandbox
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_suite_runs_on_base_changes_and_the_maintainers_tests(case: Case, mirror: Path, tmp_path: Path) -> None:
    """The test file of the target is laid over the base; what is changed decides; a second time nothing runs."""
    folder = mirror / "some+lib" / "repo"
    git(folder, "checkout", "-q", "old")
    (folder / "package.json").write_text("{}")
    (folder / "lib.js").write_text("module.exports = 1\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "base")
    base = git(folder, "rev-parse", "HEAD")
    (folder / "test" / "a.js").write_text("console.log(require('../lib') == 2 ? 'ok 1' : 'not ok 1')\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "target")
    made = _on(case, base, git(folder, "rev-parse", "HEAD"))
    suite = Suite(work=tmp_path / "work")
    assert {"test/a.js:1": False} == suite.results(made, {})
    assert {"test/a.js:1": True} == suite.results(made, {"lib.js": b"module.exports = 2\n"})
    suite.forget(made)
    kept = sorted((tmp_path / "work" / "runs").iterdir())
    assert {"test/a.js:1": True} == suite.results(made, {"lib.js": b"module.exports = 2\n"})
    assert kept == sorted((tmp_path / "work" / "runs").iterdir())
    assert not (tmp_path / "work" / "trees" / made.id).exists()


def _on(case: Case, base: str, target: str) -> Case:
    runnable = Runnable(python=None, labels=(), fail_to_pass=("test/a.js:1",))
    return replace(
        case,
        task=replace(case.task, base=base),
        expected=replace(case.expected, target_commit=target, tests=(("A", "test/a.js"),), runnable=runnable),
    )
