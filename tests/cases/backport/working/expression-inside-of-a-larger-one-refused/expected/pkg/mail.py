"""Send letters."""


def deliver(box, letter):
    """Put a letter into a box."""
    box.open_for(letter.sender)
    target = box.path_of(letter) + SUFFIX
    stream = open(target, "w")
    stream.write(letter.text)
    stream.close()
    return target
