"""Runs a script that uses unittest, Django's `runtests.py`, and appends how each test ended to a file.

Used as `python record_unittest.py RESULTS SCRIPT [ARGUMENT...]`. One JSON list a line: the test's id and `passed`,
`failed`, `skipped` or, at last, `ended`. Must run on every Python from 2.7 on.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201, ANN202, ANN002, ANN003 - must run on Python 2.7
import json
import os
import runpy
import sys
import unittest

_ENDINGS = {
    "addSuccess": "passed",
    "addExpectedFailure": "passed",
    "addError": "failed",
    "addFailure": "failed",
    "addUnexpectedSuccess": "failed",
    "addSkip": "skipped",
    "stopTest": "ended",
}


def _recording(original, ending, results):
    def note(self, test, *arguments, **named):
        _write(results, test, ending)
        return original(self, test, *arguments, **named)

    return note


def _recording_subtests(original, results):
    def note(self, test, subtest, error):
        if error is not None:
            _write(results, test, "failed")
        return original(self, test, subtest, error)

    return note


def _write(results, test, ending):
    with open(results, "a") as sink:  # noqa: PTH123 - Python 2.7 has no pathlib
        sink.write(json.dumps([test.id(), ending]) + "\n")


def main():
    """Watch unittest's results, then be the script."""
    results, script = sys.argv[1:3]
    for name, ending in _ENDINGS.items():
        original = getattr(unittest.TestResult, name)
        setattr(unittest.TestResult, name, _recording(original, ending, results))
    if hasattr(unittest.TestResult, "addSubTest"):
        original = unittest.TestResult.addSubTest
        unittest.TestResult.addSubTest = _recording_subtests(original, results)  # type: ignore[method-assign]
    sys.argv = sys.argv[2:]
    sys.path[0] = os.path.dirname(script)  # noqa: PTH120 - Python 2.7 has no pathlib
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
