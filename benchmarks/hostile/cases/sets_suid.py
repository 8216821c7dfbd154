"""Leaves a program behind that runs with its owner's rights, and asks for root's."""

import os
import shutil
import subprocess

ENDS = "contained"


def test_leaves_a_program_behind():
    shutil.copy("/bin/sh", "/results/shell")
    os.chmod("/results/shell", 0o6755)


def test_becomes_root():
    os.setuid(0)


def test_asks_for_root():
    assert subprocess.run(["su", "-c", "true"], stdin=subprocess.DEVNULL, check=False).returncode == 0
