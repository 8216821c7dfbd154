"""Serve."""

import os
import ssl


def start(options):
    size = len(options)
    settings = make(options, "none")
    return settings, size
