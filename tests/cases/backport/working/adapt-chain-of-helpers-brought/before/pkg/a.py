"""Escape."""

import re

WORD = re.compile("[a-z]+")
MARKS = re.compile("[<>]")
TABLE = {"<": "&lt;", ">": "&gt;"}


def _replaced(match):
    return TABLE[match.group()]


def escaped(text):
    """The text with its marks as entities."""
    return MARKS.sub(_replaced, text)


def show(text):
    """Show a text."""
    return WORD.sub("", text)
