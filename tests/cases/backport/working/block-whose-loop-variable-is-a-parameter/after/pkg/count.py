"""Count stamps."""


def count(box, letters):
    """Count the stamps of all letters."""
    for letter in letters:
        stamps = letter.stamps(box.kind)
        value = box.value_of(stamps)
        box.check(letter, value)
        box.add(letter, value)
        box.note(letter, stamps)
    return box
