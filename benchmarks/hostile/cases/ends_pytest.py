"""Ends pytest in the middle with success, so that the tests that fail never run."""

import os

ENDS = "no results"


def test_ends():
    os._exit(0)


def test_fails():
    raise AssertionError("it does not work")
