"""Send letters."""


def send(box, letter, address):
    """Send a letter."""
    for part in letter.parts:
        if part.first:
            target = join(box.root, address)
            pages = letter.pages()
            total = sum(len(page) for page in pages)
            store(target, pages, box.mode)
            box.count += total
        if part.last:
            target = join(box.root, address)
            pages = letter.pages()
            total = sum(len(page) for page in pages)
            store(target, pages, box.mode)
            box.count += total
    return box
