"""Read letters."""


def read(folder, name, limit):
    """Read one letter."""
    path = join(folder, name)
    size = measure(path)
    text = decode(path, size)
    marks = text.count("#")
    return Letter(path, text, marks)
