import os


def unpack(archive, target):
    for member in archive:
        check_member(member, target)
        archive.extract(member, target)
        log(member)
    return target


def count(archive):
    return len(archive)
