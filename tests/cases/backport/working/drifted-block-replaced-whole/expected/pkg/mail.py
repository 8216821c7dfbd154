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


def cut(word, marks):
    """Cut marks from the ends of a word."""
    start, end = 0, len(word)
    while start < end and word[start] in marks:
        start += 1
    while end > start and word[end - 1] in marks:
        end -= 1
    word = word[start:end]
    return word


def stamp(letter, value):
    letter.marks.append(value)
    return letter
