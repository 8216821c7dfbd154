"""Send letters."""

import os
import re

LIMIT = 10


class Box:
    """Where letters wait."""

    def __init__(self, root):
        self.root = root

    def names(self):
        return sorted(os.listdir(self.root))


def hosts(rule, ctxt):
    """The hosts of a rule."""
    api = network.API()
    conductor = Conductor()
    for host in rule.hosts:
        info = api.get_info(
            ctxt,
            host,
            conductor=conductor)
        yield info


def stamp(letter, value):
    letter.marks.append(value)
    return letter
