"""Small helpers for lines of text."""

import re

_END = re.compile(r"[ \t]+$")
_COMMENT = re.compile(r"[ \t]+#[^#]*$")


LONGEST = 4096
"""No line may be longer."""


class TooLong(ValueError):
    """A line that would take too long."""


def _checked(line):
    if len(line) > LONGEST:
        raise TooLong(len(line))
    return line


def trimmed(line):
    """The line without blanks at its end."""
    return _END.sub("", _checked(line))


def uncommented(line):
    """The line without the comment at its end."""
    return _COMMENT.sub("", _checked(line))


def fields(line, separator=","):
    """The fields of a line, each trimmed."""
    return [trimmed(field) for field in line.split(separator)]
