"""The map is true: every package of the tree stands in ARCHITECTURE.md, and nothing else does."""

import re
from pathlib import Path

import avr

ROOT = Path(avr.__file__).parent
MAP = Path(__file__).parents[2] / "ARCHITECTURE.md"


def test_every_package_has_its_line() -> None:
    """Packages in the table equal packages in the tree."""
    listed = set(re.findall(r"^\| `(avr\.[a-z_.]+)` \|", MAP.read_text(), re.MULTILINE))
    packages = {
        ".".join(("avr", *path.parent.relative_to(ROOT).parts))
        for path in ROOT.rglob("__init__.py")
        if path.parent != ROOT
    }
    assert listed == packages
