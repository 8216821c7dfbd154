"""Send letters."""

import os
import re

LIMIT = 10


class Box:
    """Where letters wait."""

    def __init__(self, root):
        self.root = root

    def names(self):
        return sorted(os.listdir(self.root))


def deliver(letter, address, box):
    """Put a letter into a box."""
    target = address
    for page in letter.pages:
        with open(target, "w") as handle:
            handle.write(page)
    return target


def stamp(letter, value):
    letter.marks.append(value)
    return letter
