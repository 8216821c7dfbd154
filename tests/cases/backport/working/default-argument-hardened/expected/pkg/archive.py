import os


def unpack(archive, target, mode=0o700):
    for member in archive:
        archive.extract(member, target)
    return target


def count(archive):
    return 1
