"""Read letters."""


def read(folder, names, limit):
    """Read all letters."""
    found = []
    for name in names:
        path = join(folder, name)
        size = measure(path)
        text = decode(path, size, "latin-1")
        marks = text.count("#")
        found.append(Letter(path, text, marks))
    return found
