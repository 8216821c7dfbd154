"""Prints ten gigabytes."""

import os

ENDS = "contained"


def test_prints():
    block = b"x" * (1 << 20)
    for _ in range(10_000):
        os.write(2, block)
    handle = os.open("/proc/1/fd/1", os.O_WRONLY) if os.path.exists("/proc/1/fd/1") else 1
    for _ in range(10_000):
        os.write(handle, block)
