"""Read letters."""


def read(folder, name, limit):
    """Read one letter."""
    path = join(folder, name)
    size = measure(path)
    if size > limit:
        raise ValueError("too large")
    text = decode(path, size)
    marks = text.count("#")
    return Letter(path, text, marks)
