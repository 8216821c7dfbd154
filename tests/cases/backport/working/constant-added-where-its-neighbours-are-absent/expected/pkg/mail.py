"""Send letters."""

import os
import re
LONGEST = 2 * 1024

class Box:
    """Where letters wait."""

    def __init__(self, root):
        self.root = root

    def names(self):
        return sorted(os.listdir(self.root))


def deliver(letter, address, box):
    """Put a letter into a box."""
    target = os.path.join(box.root, address)
    with open(target, "w") as handle:
        handle.write(letter.text)
    return target


def stamp(letter, value):
    letter.marks.append(value)
    return letter
