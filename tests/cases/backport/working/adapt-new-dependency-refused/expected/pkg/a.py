"""Paths."""

import os


def join(root, name):
    path = os.path.join(root, name)
    safepaths.check(root, path)
    return path
