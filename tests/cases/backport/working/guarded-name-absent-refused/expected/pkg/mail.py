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
    with open(os.path.join(box.root, address), "w") as handle:
        handle.write(letter.text)


def stamp(letter, value):
    letter.marks.append(value)
    return letter
