"""Serve files."""

import os
import re

LIMIT = 10


class Server:
    """Serve a folder."""

    def __init__(self, root):
        self.root = root
        self.count = 0

    def read(self, name):
        path = os.path.join(self.root, name)
        with open(path) as handle:
            return handle.read()

    def names(self):
        return sorted(os.listdir(self.root))


def clean(name):
    name = name.strip()
    return re.sub("[^a-z]", "", name)


def split(line):
    parts = line.split(",")
    return [part.strip() for part in parts]
