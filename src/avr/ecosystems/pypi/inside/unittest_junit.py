"""Runs a project's own unittest-based test script and writes its results as JUnit XML.

Used as `python unittest_junit.py REPORT TEST_SECONDS SCRIPT [ARGUMENT...]`. The script sees itself started as ever;
only the text runner of the standard library, which Django's runner and most others build on, is replaced by one that
also keeps results. Must run on every Python from 3.6 on. As in pytest's `xunit2`, `classname` is `module.Class`.
"""

# ruff: noqa: N802, ANN401 - the names and the loose types are unittest's
import os
import runpy
import signal
import sys
import unittest
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

_LONGEST_MESSAGE = 2000
_RANK = {"": 0, "skipped": 1, "failure": 2, "error": 3}


class OutOfTimeError(Exception):
    """Raised in the middle of a test that is over its time."""


class Report:
    """The cases seen so far and the file that they are written to; only the outermost runner of a process reports."""

    def __init__(self, path: str, seconds: int) -> None:
        """Nothing was seen yet; `seconds` is the limit of each test."""
        self.path = path
        self.seconds = seconds
        self.cases: dict[tuple[str, str], tuple[str, str]] = {}  # never evaluated, so no harm on Python 3.6
        self.process = os.getpid()
        self.running = False

    def note(self, test: object, status: str, message: str) -> None:
        """Keep the worst thing said of a test: one with sub-tests is told of more than once."""
        name = _name(test)
        if name not in self.cases or _RANK[status] > _RANK[self.cases[name][0]]:
            self.cases[name] = (status, message[:_LONGEST_MESSAGE])

    def write(self) -> None:
        """Write the report anew."""
        lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites><testsuite>"]
        for (classname, name), (status, message) in self.cases.items():
            said = f"<{status} message={_quoted(message)}/>" if status else ""
            lines.append(f"<testcase classname={_quoted(classname)} name={_quoted(name)}>{said}</testcase>")
        lines.append("</testsuite></testsuites>")
        Path(self.path).write_text("\n".join(lines), encoding="utf-8", errors="replace")


def result_class(report: Report) -> Any:
    """A text result that also tells `report`, and limits the time of each test."""

    class Result(unittest.TextTestResult):
        def startTest(self, test: Any) -> None:
            super().startTest(test)
            report.note(test, "", "")
            signal.setitimer(signal.ITIMER_REAL, report.seconds)

        def stopTest(self, test: Any) -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            super().stopTest(test)

        def addError(self, test: Any, err: Any) -> None:
            super().addError(test, err)
            report.note(test, "error", _text(err))

        def addFailure(self, test: Any, err: Any) -> None:
            super().addFailure(test, err)
            report.note(test, "failure", _text(err))

        def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
            super().addSubTest(test, subtest, err)
            if err is not None:
                report.note(test, "failure", _text(err))

        def addUnexpectedSuccess(self, test: Any) -> None:
            super().addUnexpectedSuccess(test)
            report.note(test, "failure", "unexpected success")

        def addSkip(self, test: Any, reason: str) -> None:
            super().addSkip(test, reason)
            report.note(test, "skipped", str(reason))

    return Result


def runner_class(report: Report) -> Any:
    """A text runner whose outermost run in this process is reported: suites that test runners have inner ones."""
    reporting = result_class(report)

    class Runner(unittest.TextTestRunner):
        def run(self, test: Any) -> Any:
            if report.running or os.getpid() != report.process:
                return super().run(test)
            report.running, self.resultclass = True, reporting
            try:
                return super().run(test)
            finally:
                report.running = False
                report.write()

    return Runner


def _out_of_time(_number: int, _frame: object) -> None:
    raise OutOfTimeError("the time limit of one test is over")


def _name(test: object) -> "tuple[str, str]":
    """What pytest would call it: `("", module)` for a file that could not be imported."""
    kind = type(test)
    name = str(getattr(test, "_testMethodName", ""))
    if kind.__module__.startswith("unittest."):
        return ("", name or str(test))
    return (f"{kind.__module__}.{kind.__qualname__}", name or str(test))


def _text(err: Any) -> str:
    kind, value = err[:2]
    return f"{kind.__name__}: {value}"


def _quoted(text: str) -> str:
    return quoteattr("".join(each for each in text if each in "\t\n" or each >= " "))


def main() -> None:
    """Run the script named on the command line with its own arguments."""
    path, seconds, script = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    sys.argv = sys.argv[3:]
    sys.path[0] = str(Path.cwd())
    signal.signal(signal.SIGALRM, _out_of_time)
    unittest.TextTestRunner = unittest.runner.TextTestRunner = runner_class(Report(path, seconds))  # type: ignore[misc]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
