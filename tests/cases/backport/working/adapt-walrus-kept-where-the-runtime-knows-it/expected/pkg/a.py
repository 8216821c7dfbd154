def language(header):
    """The first language of a header."""
    text = header.strip()
    if (index := text.rfind(",", 0, 500)) > 0:
        text = text[:index]
    return text.split(",")[0]
