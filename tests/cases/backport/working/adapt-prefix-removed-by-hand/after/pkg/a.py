def language(header):
    """The first language of a header."""
    text = header.strip()
    text = text.removeprefix("x-")
    return text.split(",")[0]
