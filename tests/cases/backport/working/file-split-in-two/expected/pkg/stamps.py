"""Stamps."""
LIMIT = 3


def stamp(letter, value):
    check(value)
    letter.marks.append(value)
    return letter
