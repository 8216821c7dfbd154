"""Reads, writes and lists files below a folder."""

import os


class Outside(ValueError):
    """A name leads out of the folder."""


def _below(root, name):
    root = os.path.realpath(root)
    path = os.path.realpath(os.path.join(root, name))
    if path != root and not path.startswith(root + os.sep):
        raise Outside(name)
    return path


def read(root, name):
    """The content of the file `name` below `root`."""
    path = _below(root, name)
    with open(path, "rb") as file:
        return file.read()


def save(root, name, data):
    """Write `data` to `name` below `root`; folders on the way are made."""
    path = _below(root, name)
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    with open(path, "wb") as file:
        file.write(data)
    return path


def listing(root, folder=""):
    """The sorted names in a folder below `root`."""
    path = _below(root, folder)
    return sorted(os.listdir(path))


def copy(root, name, other):
    """Copy a file within `root`."""
    return save(root, other, read(root, name))
