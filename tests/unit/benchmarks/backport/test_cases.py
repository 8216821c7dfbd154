"""Cases: what a tool may see and what only the judge may."""

from benchmarks.backport.cases import Case


def test_a_case_is_split(case: Case) -> None:
    """Documentation is in neither side; tests are apart from code."""
    assert (("lib.py",), ("test/test_lib.py",)) == (case.task.code, case.task.tests)
    assert (("lib.py",), (("M", "test/test_lib.py"),)) == (case.expected.code, case.expected.tests)
    assert case.expected.runnable is not None
    assert ("a:1",) == case.expected.runnable.fail_to_pass
