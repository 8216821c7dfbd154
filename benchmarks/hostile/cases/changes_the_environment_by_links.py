"""Renames and links over files of the environment instead of writing to them."""

import os
import sys
from pathlib import Path

import pytest

ENDS = "refused"


def test_replaces_a_module():
    os.replace(__file__, pytest.__file__)


def test_replaces_the_interpreter():
    target = Path("/opt/env/bin/python")
    target.unlink()
    target.symlink_to("/bin/sh")


def test_binds_over_it():
    import ctypes

    assert ctypes.CDLL(None, use_errno=True).mount(b"/tmp", sys.prefix.encode(), b"", 4096, b"") == 0
