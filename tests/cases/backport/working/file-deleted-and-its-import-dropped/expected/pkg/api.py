from .archive import unpack


def run(name):
    return unpack(name, '/srv')
