"""Send letters."""


def deliver(box, letter):
    """Put a letter into a box."""
    box.open_for(letter.sender)
    wanted = join(box.root, letter.address)
    if ".." in wanted:
        raise ValueError("outside")
    target = normal(wanted)
    with open(target, "w") as handle:
        handle.write(letter.text)
    return target
