"""Letters."""
import os


def deliver(letter, address, box):
    """Put a letter into a box."""
    target = os.path.join(box.root, address)
    with open(target, "w") as handle:
        handle.write(letter.text)
    return target
