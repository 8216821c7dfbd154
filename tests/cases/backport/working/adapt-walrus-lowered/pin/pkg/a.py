def language(header):
    """The first language of a header."""
    text = header.strip()
    return text.split(",")[0]
