"""Calls a server on the host's loopback device, an abstract socket of the host, and the world beyond."""

import json
import socket
from pathlib import Path

import pytest

ENDS = "refused"
KNOWN = json.loads(Path("hostile.json").read_text())


@pytest.mark.parametrize("address", [("127.0.0.1", KNOWN["port"]), ("192.0.2.1", 80), ("1.1.1.1", 53)])
def test_connects(address):
    socket.create_connection(address, timeout=3).sendall(b"hello")


def test_connects_to_an_abstract_socket():
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect("\0" + KNOWN["abstract"])
        caller.sendall(b"hello")


def test_resolves_a_name():
    socket.getaddrinfo("example.com", 443)
