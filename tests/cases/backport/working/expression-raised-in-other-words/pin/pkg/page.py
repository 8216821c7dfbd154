"""Read pages."""


def page(book, number):
    """One page of a book."""
    if number not in book.pages:
        book.misses.append(number)
        raise book.failure(number, kind=KeyError)
    return book.pages[number]
