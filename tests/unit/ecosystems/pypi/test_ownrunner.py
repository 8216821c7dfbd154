"""A project's own unittest-based script: found, told what to run, and its results taken as JUnit XML."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from avr.ecosystems import junit
from avr.ecosystems.pypi import ownrunner
from avr.model.evidence import TestStatus
from avr.model.source import SourceTree
from avr.tools.archives import write_tree

SCRIPT = b"from django.test.utils import get_runner\n"

UNITTEST = b"""
import sys, time, unittest

class Suite(unittest.TestCase):
    def test_good(self):
        pass

    def test_bad(self):
        self.fail("<no> \x1b[0m")

    def test_broken(self):
        raise ValueError

    @unittest.skip("not here")
    def test_skipped(self):
        pass

    def test_parts(self):
        for each in range(3):
            with self.subTest(each):
                self.assertNotEqual(1, each)

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

    @unittest.expectedFailure
    def test_unexpected(self):
        pass

    def test_hangs(self):
        time.sleep(30)

    def test_inner_run(self):
        class Inner(unittest.TestCase):
            def test_inner(self):
                self.fail()

        unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(Inner))

class NoSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError

    def test_never(self):
        pass

if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
"""


@pytest.mark.parametrize("path", ["runtests.py", "tests/runtests.py"])
def test_a_script_that_drives_django_is_found(path: str) -> None:
    """At the root or one folder down."""
    assert path == ownrunner.find(SourceTree(files={path: SCRIPT, "a/b/runtests.py": SCRIPT}))


def test_a_script_of_another_kind_is_left_alone() -> None:
    """Only what hands over to a Django runner is known to take names of tests."""
    assert ownrunner.find(SourceTree(files={"runtests.py": b"import nose\n"})) == ""


def test_paths_become_labels_as_seen_from_the_script() -> None:
    """What lies outside the script's folder cannot be named."""
    paths = ("tests/i18n/tests.py", "tests/auth", "django/test/x.py")
    assert ("i18n.tests", "auth") == ownrunner.labels("tests/runtests.py", paths)
    assert ("tests.i18n.tests", "tests.auth", "django.test.x") == ownrunner.labels("runtests.py", paths)


def test_pieces_are_the_folders_below_the_script() -> None:
    """Whole applications, since their models and settings belong together; files where the script is at the root."""
    files = ("tests/i18n/tests.py", "tests/i18n/sub/tests.py", "tests/auth/tests.py", "tests/lone.py")
    assert ("tests/i18n", "tests/auth") == ownrunner.pieces("tests/runtests.py", files)
    assert files == ownrunner.pieces("runtests.py", files)


def test_results_are_kept_beside_the_text(tmp_path: Path) -> None:
    """Every outcome that unittest knows; sub-tests count for their test, runners inside tests for nothing."""
    write_tree(ownrunner.programs(), tmp_path / "ours")
    (tmp_path / "suite.py").write_bytes(UNITTEST)
    report = tmp_path / "junit.xml"
    done = subprocess.run(
        [sys.executable, str(tmp_path / "ours" / "unittest_junit.py"), str(report), "1", "suite.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        check=False,
    )
    assert (1, b"Ran 9 tests") == (done.returncode, done.stderr[done.stderr.rindex(b"Ran ") :][:11]), done.stderr
    names = {
        "good": TestStatus.PASSED,
        "bad": TestStatus.FAILED,
        "broken": TestStatus.ERROR,
        "skipped": TestStatus.SKIPPED,
        "parts": TestStatus.FAILED,
        "expected": TestStatus.PASSED,
        "unexpected": TestStatus.FAILED,
        "hangs": TestStatus.ERROR,
        "inner_run": TestStatus.PASSED,
    }
    expected = {f"__main__.Suite::test_{name}": status for name, status in names.items()}
    assert {**expected, "::setUpClass (__main__.NoSetUp)": TestStatus.ERROR} == junit.read(report)
