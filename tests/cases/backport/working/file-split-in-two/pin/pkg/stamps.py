"""Stamps."""
LIMIT = 3


def stamp(letter, value):
    letter.marks.append(value)
    return letter
