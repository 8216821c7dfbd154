"""Reads, writes and lists files below a folder."""

import os


def read(root, name):
    """The content of the file `name` below `root`."""
    path = os.path.join(root, name)
    with open(path, "rb") as file:
        return file.read()


def save(root, name, data):
    """Write `data` to `name` below `root`; folders on the way are made."""
    path = os.path.join(root, name)
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        os.makedirs(folder)
    with open(path, "wb") as file:
        file.write(data)
    return path


def listing(root, folder=""):
    """The sorted names in a folder below `root`."""
    path = os.path.join(root, folder)
    return sorted(os.listdir(path))


def copy(root, name, other):
    """Copy a file within `root`."""
    return save(root, other, read(root, name))
