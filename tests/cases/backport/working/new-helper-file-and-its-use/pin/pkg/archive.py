import os


def unpack(archive, target):
    for member in archive:
        archive.extract(member, target)
    return target, 0


def count(archive):
    return len(archive)
