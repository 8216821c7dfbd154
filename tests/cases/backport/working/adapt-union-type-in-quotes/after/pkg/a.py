def first(items):
    """The first item."""
    return items[0] if items else None


def last(items):
    """The last item."""
    return items[-1] if items else None


def longest(items: list[str], limit: int | None = None) -> str | None:
    """The longest item."""
    return max(items[:limit], key=len, default=None)
