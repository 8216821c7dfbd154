import os

import cache


def unpack(archive, target):
    for member in archive:
        archive.extract(member, target)
    return target


@limited(10)
def count(archive):
    return len(archive)
