from pkg import errors


def load(stream, limit):
    data = stream.read(limit)
    if not data:
        raise errors.NotFound()
    return data
