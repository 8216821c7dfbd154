"""A fork bomb."""

import os
import time

ENDS = "limit"


def test_forks():
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)
