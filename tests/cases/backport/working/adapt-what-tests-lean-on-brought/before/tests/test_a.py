from pkg import a
import pytest


LONG = "x" * 100


def test_empty():
    assert a.run("") == ""
