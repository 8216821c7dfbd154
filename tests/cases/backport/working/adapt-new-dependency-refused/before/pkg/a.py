"""Paths."""

import os
import safepaths


def join(root, name):
    path = os.path.join(root, name)
    return path
