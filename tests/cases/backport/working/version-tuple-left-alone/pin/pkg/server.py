import os


def resolve(root, name):
    return os.path.join(root, name)
