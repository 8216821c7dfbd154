from .legacy import old
from .archive import unpack


def run(name):
    return unpack(name, '/tmp')
