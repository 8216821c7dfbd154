"""Looks for the caller's secrets among the environment variables and the open descriptors."""

import json
import os
from pathlib import Path

ENDS = "refused"
KNOWN = json.loads(Path("hostile.json").read_text())


def test_finds_a_variable_of_the_caller():
    print(os.environ[KNOWN["secret_name"]])


def test_finds_a_descriptor_of_the_caller():
    names = [os.readlink(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd") if int(number) > 2]
    assert any(KNOWN["folder"] in name for name in names)
