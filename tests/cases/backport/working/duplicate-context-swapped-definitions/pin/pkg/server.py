def two(value):
    check(value)
    value = value.strip()
    if not value:
        return None
    value = value.lower()
    store(value)
    return value


def one(value):
    check(value)
    value = value.strip()
    if not value:
        return None
    value = value.lower()
    store(value)
    return value
