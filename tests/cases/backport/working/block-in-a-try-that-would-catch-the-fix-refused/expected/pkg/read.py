"""Read letters."""


def read(folder, name, limit):
    """Read one letter, or none."""
    try:
        path = join(folder, name)
        size = measure(path)
        text = decode(path, size, "latin-1")
        marks = text.count("#")
        return Letter(path, text, marks)
    except Exception:
        return None
