"""Send letters."""


def send(box, letter, address):
    """Send a letter."""
    for stamp in box.stamps:
        target = join(box.root, address)
        pages = letter.pages()
        total = sum(len(page) for page in pages)
        target = stamp.inside(target)
        store(target, pages)
        box.count += total
    return box
