"""Tells whether a repository is the home of a package: advisories also link other projects' commits."""

import re

from avr.ecosystems.interface import Pin
from avr.tools.git import Repository

_AFFIXES = re.compile(r"^(python|py|the)[-_.]?|[-_.]?(python|py|project|lib)$")
_SETTINGS = ("setup.py", "setup.cfg", "pyproject.toml")


def belongs(repository: Repository, pin: Pin) -> bool:
    """Whether the repository's name is the package's, or its settings declare the package, or it holds its files."""
    package = pin.component.name
    name = repository.name.rpartition("/")[2]
    if _plain(package) == _plain(name) or _stem(package) == _stem(name):
        return True
    return _declares(repository, package) or _holds(repository, pin)


def _declares(repository: Repository, package: str) -> bool:
    head = repository.resolve("HEAD")
    if head is None:
        return False
    tree = repository.tree(head, under=_SETTINGS)
    name = "[-_.]+".join(re.escape(part) for part in re.split("[-_.]+", package))
    declared = re.compile(rf"name\s*=\s*[\"']?{name}[\"']?\s*[,\n]", re.IGNORECASE)
    return any(declared.search(data.decode("utf-8", "replace")) for data in tree.files.values())


def _holds(repository: Repository, pin: Pin) -> bool:
    """Whether most of the pin's Python modules, by their last two path parts, stand in the repository."""
    own = {"/".join(path.rsplit("/", 2)[-2:]) for path in pin.tree if path.endswith(".py") and "/" in path}
    own = {path for path in own if not path.endswith("__init__.py")}
    head = repository.resolve("HEAD")
    if head is None or len(own) < 3:
        return False
    theirs = {"/".join(path.rsplit("/", 2)[-2:]) for path in repository.paths(head)}
    return len(own & theirs) >= 0.6 * len(own)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "", name.lower())


def _stem(name: str) -> str:
    return _plain(_AFFIXES.sub("", name.lower()))
