"""Find addresses."""


def reverse(root, rooms, words):
    """The address of a room."""
    for room, pattern in rooms:
        plain = [(name, str(word)) for name, word in words]
        candidate = (root + room) % dict(plain)
        if matches(root, pattern, candidate):
            url = candidate
            # No scheme of somebody else's.
            if url.startswith("//"):
                url = "/%2F" + url[2:]
            return url
    raise LookupError(words)
