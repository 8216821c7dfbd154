"""Read pages."""


def page(book, number):
    """One page of a book."""
    if number not in book.pages:
        book.misses.append(number)
        error = PageError("no page %s in %s" % (number, book.title))
        error.number = None
        raise error
    return book.pages[number]
