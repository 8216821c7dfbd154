def language(header):
    """The first language of a header."""
    text = header.strip()
    if len(text) > 500:
        raise ValueError(f"{header!r} is {len(text):,} long: {{{text}}}")
    return text.split(",")[0]
