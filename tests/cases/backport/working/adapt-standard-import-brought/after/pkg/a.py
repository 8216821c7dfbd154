"""Serve."""

import os
import ssl


def start(options):
    size = len(options)
    settings = make(options, ssl.CERT_REQUIRED)
    return settings, size
