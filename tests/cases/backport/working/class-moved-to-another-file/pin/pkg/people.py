"""People."""
import os


class Post:
    """Who brings letters."""

    def deliver(self, letter, address, box):
        """Put a letter into a box."""
        target = store.path
        target = os.path.join(box.root, address)
        with open(target, "wb") as handle:
            handle.write(letter.text)
        return target
