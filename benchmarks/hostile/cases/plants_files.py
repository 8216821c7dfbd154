"""Leaves files for the run of the patched tree, and looks for what an earlier run left."""

import os
from pathlib import Path

ENDS = "refused"
PLACES = (
    "/tmp/planted",
    "/tmp/tree/planted.py",
    "/tmp/home/planted",
    "/results/planted",
    "/dev/shm/planted",
    "/var/tmp/planted",
)


def test_finds_what_was_planted():
    found = [place for place in PLACES if os.path.exists(place)]
    for place in PLACES:
        try:
            Path(place).write_text("planted")
        except OSError:
            continue
    assert found
