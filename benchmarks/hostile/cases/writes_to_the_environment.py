"""Writes into the interpreter and the packages that later runs use."""

import sys
import sysconfig
from pathlib import Path

import pytest

ENDS = "refused"


@pytest.mark.parametrize(
    "place",
    [
        sysconfig.get_path("purelib"),
        sysconfig.get_path("stdlib"),
        sys.prefix,
        "/opt/env/lib",
        "/opt/meta",
        "/given",
        "/opt/avr",
    ],
)
def test_writes(place):
    (Path(place) / "hostile.pth").write_text("import os\n")
