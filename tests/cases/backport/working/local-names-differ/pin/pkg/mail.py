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


def deliver(letter, address, chest):
    """Put a letter into a chest."""
    goal = os.path.join(chest.root, address)
    with open(goal, "w") as handle:
        handle.write(letter.text)
    return goal


def stamp(letter, value):
    letter.marks.append(value)
    return letter
