"""Find addresses."""


def reverse(root, rooms, words):
    """The address of a room."""
    for room, pattern in rooms:
        url = [(name, str(word)) for name, word in words]
        candidate = (root + room) % dict(url)
        if matches(root, pattern, candidate):
            return candidate
    raise LookupError(words)
