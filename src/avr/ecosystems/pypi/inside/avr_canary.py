"""A pytest plug-in that adds one test which must fail: where it is missing or green, somebody tampered with the report.

Its name is new in each run (`AVR_CANARY`), and it comes last, after everything that the suite could do to the reporter.
Runs on Python 2.7 and pytest 3, and later.
"""

import os

import pytest

NAME = os.environ.pop("AVR_CANARY", "avr_canary")


class Canary(pytest.Item):
    """The test that must fail."""

    def runtest(self):
        """Fail."""
        raise AssertionError("this test must fail")

    def repr_failure(self, excinfo, *_more, **_named):
        """One line instead of a traceback."""
        return str(excinfo.value)

    def reportinfo(self):
        """Where it is said to come from."""
        return "avr_canary.py", 0, self.name


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(session, items):
    """Add the canary after all others."""
    session.config.avr_canary_added = bool(items)
    if items:
        make = getattr(Canary, "from_parent", None)
        items.append(make(session, name=NAME) if make else Canary(NAME, session))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Let the exit code speak of the suite alone."""
    if getattr(session, "testsfailed", 0) == 1 and session.exitstatus == 1 and session.config.avr_canary_added:
        session.exitstatus = 0
