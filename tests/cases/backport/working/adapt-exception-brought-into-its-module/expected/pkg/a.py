from pkg import errors


def load(stream, limit):
    data = stream.read(limit)
    if not data:
        raise errors.NotFound()
    if stream.read(1):
        raise errors.TooLarge()
    return data
