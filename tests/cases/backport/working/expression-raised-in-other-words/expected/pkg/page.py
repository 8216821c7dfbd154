"""Read pages."""


def page(book, number):
    """One page of a book."""
    if number not in book.pages:
        book.misses.append(number)
        error = book.failure(number, kind=KeyError)
        error.number = None
        raise error
    return book.pages[number]
