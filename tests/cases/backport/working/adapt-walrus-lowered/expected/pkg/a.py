def language(header):
    """The first language of a header."""
    text = header.strip()
    index = text.rfind(",", 0, 500)
    if index > 0:
        text = text[:index]
    return text.split(",")[0]
