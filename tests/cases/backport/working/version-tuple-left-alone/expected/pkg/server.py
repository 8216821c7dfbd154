import os


def resolve(root, name):
    if ".." in name:
        raise ValueError(name)
    return os.path.join(root, name)
