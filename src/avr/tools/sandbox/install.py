"""The command that installs what a sandbox needs, in the words of this system's package manager."""

import os
import shutil

_VERBS = {
    "apt-get": "apt-get install -y",
    "dnf": "dnf install -y",
    "apk": "apk add",
    "pacman": "pacman -S",
    "zypper": "zypper install",
}
_ALSO = {("apk", "bubblewrap"): " util-linux"}
"""Where a package of another name is needed as well."""


def command(package: str) -> str:
    """A line to copy; with sudo for whoever is not root."""
    manager = next((name for name in _VERBS if shutil.which(name)), "apt-get")
    line = f"{_VERBS[manager]} {package}{_ALSO.get((manager, package), '')}"
    return line if os.geteuid() == 0 else f"sudo {line}"
