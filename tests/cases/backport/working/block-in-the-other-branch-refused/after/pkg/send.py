"""Send letters."""


def send(box, letter, address):
    """Send a letter."""
    if box.open:
        target = join(box.root, address)
        pages = letter.pages()
        total = sum(len(page) for page in pages)
        target = box.inside(target)
        store(target, pages)
        box.count += total
    return box
