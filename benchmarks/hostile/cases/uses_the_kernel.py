"""Asks the kernel for what only an escape needs: namespaces, mounts, tracing, keys, raw sockets, io_uring."""

import ctypes
import os
import socket

import pytest

ENDS = "refused"
LIBC = ctypes.CDLL(None, use_errno=True)


@pytest.mark.parametrize("flag", [0x10000000, 0x00020000, 0x40000000])
def test_makes_a_namespace(flag):
    assert LIBC.unshare(flag) == 0


def test_traces_init():
    assert LIBC.ptrace(16, 1, 0, 0) == 0


def test_opens_a_raw_socket():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


@pytest.mark.parametrize("number", [425, 250, 321, 298, 323])
def test_asks_for(number):
    assert LIBC.syscall(number, 1, 0, 0, 0, 0) >= 0


def test_makes_a_device():
    os.mknod("/tmp/device", 0o600 | 0o060000, os.makedev(8, 0))
