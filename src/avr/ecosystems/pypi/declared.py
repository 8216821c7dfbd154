"""What a source tree declares about itself, read as text: Python versions and dependencies. Nothing is executed."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from avr.model.source import SourceTree

Runtime = tuple[int, int]

_KNOWN: tuple[Runtime, ...] = ((2, 6), (2, 7), *((3, minor) for minor in range(30)))
_SETUP_PY = re.compile(r"python_requires\s*=\s*\(?\s*[\"']([^\"']+)[\"']")
_SETUP_CFG = re.compile(r"^python[_-]requires\s*=\s*(.+)$", re.MULTILINE)
_METADATA = re.compile(r"^Requires-Python:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_FLIT = re.compile(r"^requires-python\s*=\s*[\"'](.+)[\"']", re.MULTILINE)
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d)\.(\d+)\b")
_REQUIRES = re.compile(r"^Requires-Dist:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_INSTALL_REQUIRES = re.compile(r"(?:install_requires|requires)\s*=\s*\[(.*?)\]", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def runtimes(tree: SourceTree) -> tuple[Runtime, ...]:
    """The Python versions that the tree says it supports, lowest first; empty where it says nothing.

    `Requires-Python` decides; classifiers narrow it within a major version, and stand alone where it is missing.
    """
    spec, named = requires_python(tree), classified(tree)
    if spec is None:
        return named
    allowed = tuple(each for each in _KNOWN if any(spec.contains(f"{each[0]}.{each[1]}.{fix}") for fix in (0, 18)))
    lowest = {major: min((each for each in named if each[0] == major), default=(major, 0)) for major in (2, 3)}
    return tuple(each for each in allowed if each >= lowest[each[0]]) or allowed


def lowest_runtime(tree: SourceTree) -> Runtime | None:
    """The lowest Python version of `Requires-Python`, or of the classifiers; None where neither is given."""
    spec = requires_python(tree)
    if spec is None:
        return min(classified(tree), default=None)
    return next((each for each in _KNOWN if any(spec.contains(f"{each[0]}.{each[1]}.{fix}") for fix in (0, 18))), None)


def dependencies(tree: SourceTree) -> frozenset[str]:
    """Normalised names of the packages that the tree declares as its dependencies, extras included."""
    names = (name for text in _requirement_texts(tree) for name in _names(text))
    return frozenset(names)


def requires_python(tree: SourceTree) -> SpecifierSet | None:
    """The tree's `Requires-Python`, from the first place that has a valid one."""
    for text in _python_texts(tree):
        try:
            return SpecifierSet(re.sub(r"[\"']", "", text.split("#")[0].strip().rstrip(",")))
        except InvalidSpecifier:
            continue
    return None


def _python_texts(tree: SourceTree) -> Iterator[str]:
    for path in _metadata_files(tree):
        yield from _METADATA.findall(_text(tree, path))
    project = _toml(tree, "pyproject.toml")
    stated = project.get("project", {}).get("requires-python")
    if isinstance(stated, str):
        yield stated
    yield from _FLIT.findall(_text(tree, "pyproject.toml"))
    yield from _SETUP_CFG.findall(_text(tree, "setup.cfg"))
    yield from _SETUP_PY.findall(_text(tree, "setup.py"))


def classified(tree: SourceTree) -> tuple[Runtime, ...]:
    """The Python versions that the trove classifiers name, lowest first."""
    places = [*_metadata_files(tree), "pyproject.toml", "setup.cfg", "setup.py"]
    for path in places:
        if found := _CLASSIFIER.findall(_text(tree, path)):
            return tuple(sorted({(int(major), int(minor)) for major, minor in found}))
    return ()


def _metadata_files(tree: SourceTree) -> list[str]:
    """PKG-INFO and METADATA files, the outermost first."""
    found = [path for path in tree if path.endswith(("PKG-INFO", "METADATA")) and path.count("/") <= 2]
    named = (path for path in found if path.rpartition("/")[2] in {"PKG-INFO", "METADATA"})
    return sorted(named, key=lambda path: (path.count("/"), path))


def _requirement_texts(tree: SourceTree) -> Iterator[str]:
    for path in _metadata_files(tree):
        yield from _REQUIRES.findall(_text(tree, path))
    for path in tree:
        if path.endswith(".egg-info/requires.txt") and path.count("/") <= 2:
            yield from (line for line in _text(tree, path).splitlines() if line and not line.startswith("["))
    project = _toml(tree, "pyproject.toml").get("project", {})
    yield from _strings(project.get("dependencies", []))
    yield from (each for group in project.get("optional-dependencies", {}).values() for each in _strings(group))
    poetry = _toml(tree, "pyproject.toml").get("tool", {}).get("poetry", {})
    yield from _strings(list(poetry.get("dependencies", {})))
    for block in _INSTALL_REQUIRES.findall(_text(tree, "setup.py")):
        yield from re.findall(r"[\"']([^\"']+)[\"']", block)
    block = re.search(r"^install_requires\s*=((?:\n?[ \t]+.*|[^\n]*)+)", _text(tree, "setup.cfg"), re.MULTILINE)
    yield from block[1].split("\n") if block else ()


def _names(text: str) -> Iterator[str]:
    try:
        yield canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        match = _NAME.match(text.strip())
        if match:
            yield canonicalize_name(match[0])


def _strings(values: object) -> Iterator[str]:
    if isinstance(values, list):
        yield from (each for each in values if isinstance(each, str))


def _toml(tree: SourceTree, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(tree, path))
    except tomllib.TOMLDecodeError:
        return {}


def _text(tree: SourceTree, path: str) -> str:
    return (tree.get(path) or b"").decode("utf-8", "replace")
