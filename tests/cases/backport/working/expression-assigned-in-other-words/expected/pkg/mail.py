"""Send letters."""


def deliver(box, letter):
    """Put a letter into a box."""
    box.open_for(letter.sender)
    wanted = box.path_of(letter) + SUFFIX
    if ".." in wanted:
        raise ValueError("outside")
    target = normal(wanted)
    stream = open(target, "w")
    stream.write(letter.text)
    stream.close()
    return target
