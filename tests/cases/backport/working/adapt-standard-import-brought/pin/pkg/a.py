"""Serve."""

import os


def start(options):
    size = len(options)
    settings = make(options, "none")
    return settings, size
