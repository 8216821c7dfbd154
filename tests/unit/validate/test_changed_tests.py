"""Changed tests are found by name, and ids are matched to files."""

import pytest

from avr.model.fix import ChangeKind
from avr.stages.validate.changed_tests import belongs, changed_tests, names_function
from avr.testing import build


def test_added_and_edited_functions_are_named() -> None:
    """Functions that are new or whose body differs are the fix's; others are not."""
    before = "def test_a():\n    pass\n\nclass TestB:\n    def test_c(self):\n        assert 1\n"
    after = before.replace("assert 1", "assert 2") + "\ndef test_d():\n    pass\n"
    fix = build.fix(build.change("tests/test_x.py", before, after, ChangeKind.TEST))
    assert {"tests/test_x.py": frozenset({"TestB.test_c", "test_d"})} == changed_tests(fix)


def test_reformatting_changes_no_test() -> None:
    """Only the syntax tree counts."""
    fix = build.fix(build.change("t.py", "def test_a(): f( 'x' )\n", 'def test_a():\n    f("x")\n', ChangeKind.TEST))
    assert {"t.py": frozenset()} == changed_tests(fix)


def test_unreadable_source_names_nothing() -> None:
    """Python 2 source does not crash the gate."""
    fix = build.fix(build.change("t.py", None, "def test_a():\n    print 'x'\n", ChangeKind.TEST))
    assert {"t.py": frozenset()} == changed_tests(fix)


@pytest.mark.parametrize(
    ("test", "path", "expected"),
    [
        ("tests.test_x::test_a", "tests/test_x.py", True),
        ("test_x.TestA::test_a", "tests/test_x.py", True),
        ("tests.test_xy::test_a", "tests/test_x.py", False),
        ("other.test_x::test_a", "tests/test_x.py", False),
        ("pkg.tests.test_x::test_a", "tests/test_x.py", False),
    ],
)
def test_ids_belong_to_files(test: str, path: str, expected: bool) -> None:
    """An id's module must be the path or its tail."""
    assert expected == belongs(test, path)


def test_parameters_do_not_hide_a_function() -> None:
    """`test_a[x-1]` is `test_a`."""
    assert names_function("tests.test_x.TestB::test_a[x-1]", frozenset({"TestB.test_a"}))


def test_a_namesake_in_another_class_is_another_test() -> None:
    """The class is part of the name."""
    assert not names_function("tests.test_x.TestC::test_a", frozenset({"TestB.test_a"}))
