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


def options(conf):
    proto = conf.proto.replace(".", "_")
    return {
        "bind": conf.bind,
        "verify": tls.REQUIRED,
        "proto": getattr(tls, "PROTOCOL_%s" % proto),
        "log": "/var/log/mail.log",
    }


def stamp(letter, value):
    letter.marks.append(value)
    return letter
