def language(header):
    """The first language of a header."""
    text = header.strip()
    if len(text) > 500:
        raise ValueError("{!r} is {:,} long: {{{}}}".format(header, len(text), text))
    return text.split(",")[0]
