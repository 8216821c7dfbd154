"""Paths."""

import os
import secrets


def join(root, name):
    path = os.path.join(root, name)
    path += secrets.token_hex()
    return path
