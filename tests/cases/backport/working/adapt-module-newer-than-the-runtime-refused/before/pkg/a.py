"""Paths."""

import os
import secrets


def join(root, name):
    path = os.path.join(root, name)
    return path
