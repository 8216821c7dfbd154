def language(header):
    """The first language of a header."""
    text = header.strip()
    text = (text[2:] if text.startswith("x-") else text)
    return text.split(",")[0]
