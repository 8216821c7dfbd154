"""Find addresses."""


def reverse(root, rooms, words):
    """The address of a room."""
    for room, pattern in rooms:
        plain = [(name, str(word)) for name, word in words]
        candidate = (root + room) % dict(plain)
        if matches(root, pattern, candidate):
            return None
    raise LookupError(words)
