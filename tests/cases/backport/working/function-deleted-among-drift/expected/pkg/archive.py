import os
import sys


def unpack(archive, target):
    for member in archive:
        archive.extract(member, target)
    return target
