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
    while True:
        before = word
        for mark in marks:
            if word.startswith(mark):
                word = word[len(mark):]
            if word.endswith(mark):
                word = word[:-len(mark)]
        if word == before:
            break
    return word


def stamp(letter, value):
    letter.marks.append(value)
    return letter
