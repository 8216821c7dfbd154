"""Fails, and lets a process that outlives pytest replace the report by one in which everything passed."""

import subprocess
import sys

ENDS = "tampered"
WRITER = """
import os, time
report = '<testsuites><testsuite name="pytest"><testcase classname="tests.test_hostile" name="test_fails"/></testsuite></testsuites>'
parent = os.getppid()
for _ in range(3000):
    if os.path.exists("/results/junit.xml") and "/testsuite>" in open("/results/junit.xml").read():
        break
    time.sleep(0.002)
open("/results/junit.xml", "w").write(report)
"""


def test_fails():
    import atexit

    atexit.register(lambda: subprocess.run([sys.executable, "-c", WRITER], check=False))
    raise AssertionError("it does not work")
