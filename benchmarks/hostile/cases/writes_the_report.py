"""Fails, and at its end writes a report in which everything passed."""

import os

ENDS = "tampered"
REPORT = '<testsuites><testsuite name="pytest"><testcase classname="tests.test_hostile" name="test_fails"/></testsuite></testsuites>'


def test_fails():
    with open("/results/junit.xml", "w") as file:
        file.write(REPORT)
    os._exit(0)
