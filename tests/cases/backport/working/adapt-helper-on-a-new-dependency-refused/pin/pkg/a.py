"""Escape."""

import re

WORD = re.compile("[a-z]+")


def show(text):
    """Show a text."""
    return WORD.sub("", text)
