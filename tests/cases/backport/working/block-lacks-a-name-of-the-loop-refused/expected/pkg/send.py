"""Send letters."""


def send(box, letter, address):
    """Send a letter."""
    if not box.open:
        return box
    target = join(box.root, address)
    pages = letter.pages()
    total = sum(len(page) for page in pages)
    store(target, pages, box.mode)
    box.count += total
    return box
