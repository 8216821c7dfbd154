"""Starts a process that leaves its session, ignores signals and goes on when the run is over."""

import json
import subprocess
import sys
from pathlib import Path

ENDS = "contained"
KNOWN = json.loads(Path("hostile.json").read_text())
SLEEPER = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
"""


def test_stays():
    subprocess.run([sys.executable, "-c", SLEEPER, KNOWN["marker"]], check=True)
