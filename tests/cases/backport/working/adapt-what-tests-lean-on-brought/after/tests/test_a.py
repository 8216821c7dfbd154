from pkg import a
import pytest


LONG = "x" * 100


def test_empty():
    assert a.run("") == ""


def test_long():
    assert a.run(LONG) == "x" * 10
