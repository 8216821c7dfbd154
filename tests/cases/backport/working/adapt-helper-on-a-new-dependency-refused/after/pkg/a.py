"""Escape."""

import re

import fastsub

WORD = re.compile("[a-z]+")
MARKS = re.compile("[<>]")
TABLE = {"<": "&lt;", ">": "&gt;"}


def _replaced(match):
    return TABLE[match.group()]


def escaped(text):
    """The text with its marks as entities."""
    return fastsub.sub(_replaced, text)


def show(text):
    """Show a text."""
    return WORD.sub("", escaped(text))
