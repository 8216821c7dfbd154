"""Unpacks what comes compressed."""

import gzip
import io
import zlib

LIMIT = 1 << 20
"""The most that is unpacked, in bytes."""


class TooLarge(ValueError):
    """More came out than the limit."""


def inflate(data, limit=LIMIT):
    """The contents of a zlib stream."""
    if len(data) > limit:
        raise TooLarge(len(data))
    return zlib.decompress(data)


def gunzip(data, limit=LIMIT):
    """The contents of a gzip file, which may have several members."""
    if len(data) > limit:
        raise TooLarge(len(data))
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return file.read()


def lines(data, limit=LIMIT):
    """The lines of a gzip file."""
    return gunzip(data, limit).decode("utf-8").splitlines()
