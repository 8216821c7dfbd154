"""Find addresses."""


def reverse(root, rooms, words):
    """The address of a room."""
    for room, pattern in rooms:
        quoted = dict(words)
        route = root.replace("%", "%%") + room
        if matches(root, pattern, route % quoted):
            quoted = {name: quote(word) for name, word in quoted.items()}
            return route % quoted
    raise LookupError(words)
