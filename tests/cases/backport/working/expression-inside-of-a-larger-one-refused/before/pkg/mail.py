"""Send letters."""


def deliver(box, letter):
    """Put a letter into a box."""
    box.open_for(letter.sender)
    target = join(box.root, letter.address)
    with open(target, "w") as handle:
        handle.write(letter.text)
    return target
