"""The node of this machine, by which everything in JavaScript runs."""

import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from avr.errors import AvrError

_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)")


def node() -> Path:
    """The program; raises `AvrError` `node.missing`."""
    found = shutil.which("node")
    if found is None:
        hint = "install Node.js and put it on the PATH (Debian: apt-get install nodejs)"
        raise AvrError("node.missing", "node is not on the PATH", hint=hint)
    return Path(found).resolve()


@lru_cache(maxsize=8)
def version(program: Path) -> tuple[int, int, int]:
    """The version that a node tells; raises `AvrError` `node.missing` where it tells none."""
    try:
        done = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AvrError("node.missing", f"{str(program)!r} does not run: {error}", hint="install Node.js") from error
    match = _VERSION.match(done.stdout)
    if match is None:
        raise AvrError("node.missing", f"{str(program)!r} tells no version", hint="install Node.js")
    major, minor, patch = (int(each) for each in match.groups())
    return major, minor, patch
