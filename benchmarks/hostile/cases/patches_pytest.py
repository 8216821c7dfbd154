"""Fails, and makes pytest say that every test passed."""

import _pytest.reports
import _pytest.runner

ENDS = "tampered"
ORIGINAL = _pytest.reports.TestReport.from_item_and_call.__func__


def _passed(cls, item, call):
    call.excinfo = None
    return ORIGINAL(cls, item, call)


_pytest.reports.TestReport.from_item_and_call = classmethod(_passed)


def test_fails():
    raise AssertionError("it does not work")
