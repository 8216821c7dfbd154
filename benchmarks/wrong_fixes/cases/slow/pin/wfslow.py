"""Small helpers for lines of text."""

import re

_END = re.compile(r"[ \t]+$")
_COMMENT = re.compile(r"[ \t]+#[^#]*$")


def trimmed(line):
    """The line without blanks at its end."""
    return _END.sub("", line)


def uncommented(line):
    """The line without the comment at its end."""
    return _COMMENT.sub("", line)


def fields(line, separator=","):
    """The fields of a line, each trimmed."""
    return [trimmed(field) for field in line.split(separator)]
