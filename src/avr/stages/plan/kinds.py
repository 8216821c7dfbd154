"""Tells what a file of a project is for, from its path: code that ships, a test, documentation or build settings."""

import re
from collections.abc import Collection
from itertools import pairwise
from pathlib import PurePosixPath

from avr.model.fix import ChangeKind
from avr.model.source import SourceTree

_TEST_FOLDERS = {"tests", "test_data", "testdata", "unittests", "unit_tests", "integration_tests", "functional_tests",
                 "__tests__", "__mocks__", "__fixtures__"}  # fmt: skip
_TEST_NAME = re.compile(
    r"(test_.*|.*_tests?|tests|conftest)\.(py|pyi|pyx|js|ts)|.*[.-](test|spec|test-d)\.[cm]?(js|ts)x?|.*_test\.(go|c|cc|cpp)|"
    r"([A-Z]\w*(Tests?|TestCase|IT)|Test[A-Z]\w*)\.java"
)
_DOCS_FOLDERS = {"doc", "docs", "examples", "example", "demo", "demos", "newsfragments", "news", "changelog.d",
                 "changes", "tutorial", "docs_src"}  # fmt: skip
_DOCS_NAME = re.compile(
    r"(changes|changelog|history|news|readme|authors|contributors|contributing|security|licen[cs]e|copying|notice|"
    r"todo|thanks|upgrading|whatsnew|release[-_]?notes)([._-].*)?",
    re.IGNORECASE,
)
_BUILD_NAME = re.compile(
    r"setup\.(py|cfg)|pyproject\.toml|tox\.ini|noxfile\.py|manifest\.in|makefile|dockerfile.*|pipfile.*|.*\.lock|"
    r"[\w-]*requirements[\w-]*\.(txt|in)|constraints.*\.txt|appveyor\.ya?ml|codecov\.ya?ml|pytest\.ini|pkg-info|"
    r"version(\.txt)?|.*\.spec|environment\.ya?ml|package(-lock)?\.json|tasks\.py|fabfile\.py|justfile|mypy\.ini|"
    r"(gulp|grunt|cake)file(\.\w+)*|(bower|component|npm-shrinkwrap|lerna|tsconfig[\w.-]*)\.json",
    re.IGNORECASE,
)
_SCRIPT_BUILD = re.compile(r"([\w.-]+\.config|karma[\w.-]*|rollup[\w.-]*|webpack[\w.-]*)\.[cm]?[jt]s")
_BUILD_FOLDERS = {"requirements", "ci", ".github", ".circleci", ".azure-pipelines", "scripts", "benchmarks", "bench"}
_MADE = re.compile(r".*(\.d\.[cm]?ts|\.(js|css|mjs|cjs|ts)\.map)", re.IGNORECASE)
"""Made from code, and never run."""
_SCRIPT_TEST = re.compile(r"tests?\.[cm]?[jt]sx?")
_SPEC_FOLDERS = {"spec", "specs"}
_LAYOUT = {"src", "lib", "python", "python2", "python3"}


def classify(path: str, packages: Collection[str] = ()) -> ChangeKind:
    """The kind of the file at `path`, a POSIX path inside the project.

    `packages` names the top-level import packages and modules that ship, where known: Python files outside of them
    are support for tests. A folder `test` below a package (`django/test/`) and a module `test.py` inside one ship
    unless the file is named like a test.
    """
    parts = PurePosixPath(path).parts
    folders, name = [part.lower() for part in parts[:-1]], parts[-1]
    inside = folders[1:] if folders and folders[0] in _LAYOUT else folders
    if _is_test(inside, name) or _is_script_test(folders, name):
        return ChangeKind.TEST
    if _DOCS_FOLDERS & set(inside) or _is_docs(inside, name):
        return ChangeKind.DOCS
    if _is_build(folders, name):
        return ChangeKind.BUILD
    if packages and not _ships(inside, name, packages):
        return ChangeKind.TEST if name.endswith(".py") else ChangeKind.DOCS
    return ChangeKind.CODE


def packages_of(tree: SourceTree, package: str) -> frozenset[str]:
    """The top-level import names that an unpacked release of `package` ships, lower-case; empty where unknown."""
    wanted = re.sub(r"[-_.]+", "_", package.lower())
    for path in sorted(tree, key=lambda path: path.count("/")):
        folder, _, name = path.rpartition("/")
        title = re.sub(r"[-_.]+", "_", PurePosixPath(folder).stem.lower())
        own = folder.endswith(".egg-info") or (folder.endswith(".dist-info") and "/" not in folder)
        if name == "top_level.txt" and own and (title == wanted or title.startswith(f"{wanted}_")):
            lines = tree.files[path].decode("utf-8", "replace").split()
            return frozenset(line.lower() for line in lines if "/" not in line)
    return frozenset()


def _is_test(inside: list[str], name: str) -> bool:
    if _TEST_FOLDERS & set(inside) or _TEST_NAME.fullmatch(name):
        return True
    if not inside:
        return name == "test.py"
    if inside[0] in {"test", "testing"}:
        return True
    return "test" in inside[2:] or ("src", "test") in pairwise(inside)


def _is_script_test(folders: list[str], name: str) -> bool:
    """JavaScript's own habits: `test.js` at the top, and a folder of specifications there."""
    if not folders:
        return _SCRIPT_TEST.fullmatch(name) is not None
    return folders[0] in _SPEC_FOLDERS and name.endswith((".js", ".ts"))


def _is_docs(inside: list[str], name: str) -> bool:
    if name.endswith((".rst", ".md", ".adoc")):
        return True
    return _DOCS_NAME.fullmatch(name) is not None and (not inside or "." not in name)


def _is_build(folders: list[str], name: str) -> bool:
    if any(part.startswith(".") for part in (*folders, name)):
        return True
    if any(folder.endswith((".egg-info", ".dist-info")) for folder in folders):
        return True
    if (folders and folders[0] in _BUILD_FOLDERS) or _MADE.fullmatch(name):
        return True
    if not folders and _SCRIPT_BUILD.fullmatch(name):
        return True
    return _BUILD_NAME.fullmatch(name) is not None and (len(folders) <= 1 or name.lower() == "setup.py")


def _ships(inside: list[str], name: str, packages: Collection[str]) -> bool:
    own = [*inside, name.lower().partition(".")[0]]
    return bool(set(own) & set(packages))
