"""Count stamps."""


def count(box, letter):
    """Count the stamps of one letter."""
    stamps = letter.stamps(box.kind)
    value = box.value_of(stamps, letter.weight)
    box.check(letter, value)
    box.add(letter, value)
    box.note(letter, stamps)
    return box
