from .archive import unpack


def run(name):
    archive = find(name)
    return unpack(archive, ROOT)
