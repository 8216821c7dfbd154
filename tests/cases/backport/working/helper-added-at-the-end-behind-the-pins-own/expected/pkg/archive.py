import os


def unpack(archive, target):
    for member in archive:
        check_member(member, target)
        archive.extract(member, target)
    return target


def count(archive):
    return len(archive)


def check_member(member, target):
    path = os.path.realpath(os.path.join(target, member.name))
    if not path.startswith(os.path.realpath(target) + os.sep):
        raise ValueError(member.name)


def own():
    return 1
