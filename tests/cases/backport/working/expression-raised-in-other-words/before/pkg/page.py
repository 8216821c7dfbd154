"""Read pages."""


def page(book, number):
    """One page of a book."""
    if number not in book.pages:
        book.misses.append(number)
        raise PageError("no page %s in %s" % (number, book.title))
    return book.pages[number]
