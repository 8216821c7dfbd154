"""Which tests are a pin's suite, where its code lies, and what the suite asks of pytest."""

import configparser
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath

from avr.model.source import SourceTree

_TEST_FOLDERS = frozenset({"tests", "test", "unit_tests", "unittests", "testsuite", "unit-tests", "test_suite"})
_TEST_FILE = re.compile(r"(test_.+|.+_tests?|tests?)\.py")
_USUAL_FILES = ("test_*.py", "*_test.py", "tests.py", "test.py")
_NOT_CODE = frozenset({"docs", "doc", "examples", "example", "benchmarks", "benchmark", "scripts", "tools", "bin",
    "build", "dist", "ci", "requirements", "tests", "test", "artwork", "contrib"})  # fmt: skip
_SOURCE_FOLDERS = ("", "src", "lib", "lib3", "python", "source")
_WITH_VALUE = frozenset({"-n", "--numprocesses", "--maxfail", "--junitxml", "--junit-xml", "--cov", "--dist",
    "--cov-report", "--cov-config", "--html", "--reruns", "--maxprocesses"})  # fmt: skip
_CONFIG_FILES = (
    ("pytest.ini", "pytest"),
    (".pytest.ini", "pytest"),
    ("tox.ini", "pytest"),
    ("setup.cfg", "tool:pytest"),
    ("setup.cfg", "pytest"),
)
_UNWANTED = ("--cov", "--no-cov", "--flake8", "--black", "--mypy", "--isort", "--pep8", "--pylint", "--maxfail",
    "--pdb", "--junit", "--html", "--self-contained", "--numprocesses", "--dist", "--exitfirst", "--strict-config",
    "--ruff", "--lf", "--ff", "--last-failed", "--failed-first", "--codestyle", "--pydocstyle", "--nf", "--reruns",
    "--sw", "--stepwise", "--looponfail", "--tx", "--cache", "--benchmark", "--maxprocesses")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The tests of a pin: `paths` to give to pytest, files laid over the tree, and where they came from."""

    paths: tuple[str, ...]
    origin: str
    overlay: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestConfig:
    """What the project's own configuration tells pytest."""

    options: Mapping[str, str]

    @property
    def addopts(self) -> str:
        """The configured options without reports, parallel runs, linters and early stops."""
        return " ".join(shlex.quote(each) for each in _wanted(_split(self.options.get("addopts", ""))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the importable code lies: folders for the module search path and the top names found in them."""

    roots: tuple[str, ...]
    names: frozenset[str]


def find(tree: SourceTree, upstream: SourceTree | None) -> Suite:
    """The suite of the source archive, with the upstream tag's test folders that the archive lacks laid over it."""
    own = _test_paths(tree)
    lacking = () if upstream is None else tuple(path for path in _test_paths(upstream) if not _has(tree, path))
    if upstream is None or not lacking:
        return Suite(paths=_configured(tree, own), origin="source archive" if own else "none", overlay={})
    overlay = dict(_overlay(tree, upstream, lacking))
    if not own:
        return Suite(paths=_configured(upstream, lacking), origin="upstream tag", overlay=overlay)
    whole = tree.replacing(overlay)
    return Suite(paths=_configured(whole, (*own, *lacking)), origin="source archive and upstream tag", overlay=overlay)


def files(tree: SourceTree, paths: Iterable[str]) -> tuple[str, ...]:
    """The test files at and below `paths` by name: those that pytest or unittest would look into."""
    patterns = [*(python_files(tree, paths) or config(tree).options.get("python_files", "")).split(), *_USUAL_FILES]
    return tuple(
        path
        for path in sorted(tree)
        if any(path == each or path.startswith(f"{each}/") for each in paths)
        and (path in paths or any(fnmatch(PurePosixPath(path).name, each) for each in patterns))
        and b"def test" in tree.files[path]
    )


def layout(tree: SourceTree) -> Layout:
    """The folders that hold the tree's top packages and modules; the root itself where nothing else is found."""
    told = {line.strip() for path in tree if path.endswith(".egg-info/top_level.txt") for line in _lines(tree, path)}
    found: dict[str, set[str]] = {}
    for path in tree:
        for folder in _SOURCE_FOLDERS:
            name = _top_name(path, folder)
            if name and (name in told or (not told and name not in _NOT_CODE)):
                found.setdefault(folder, set()).add(name)
    if len(found) > 1 and not told:
        found.pop("", None)  # the root holds only setup.py and its like
    names = {name for group in found.values() for name in group} - {"setup", "conftest"}
    return Layout(roots=tuple(found) or ("",), names=frozenset(names))


def config(tree: SourceTree) -> PytestConfig:
    """The configuration that pytest itself would take, https://docs.pytest.org/en/stable/reference/customize.html."""
    for path, section in _CONFIG_FILES:
        if options := _ini_section(tree, path, section):
            return PytestConfig(options=options)
    try:
        table = tomllib.loads(_text(tree, "pyproject.toml")).get("tool", {}).get("pytest", {}).get("ini_options", {})
    except tomllib.TOMLDecodeError:
        table = {}
    texts = {key: " ".join(map(str, value)) if isinstance(value, list) else str(value) for key, value in table.items()}
    return PytestConfig(options=texts)


def python_files(tree: SourceTree, paths: Iterable[str]) -> str | None:
    """A wider pattern where none of the suite's files has a name that pytest looks for; else None."""
    if "python_files" in config(tree).options:
        return None
    names = [
        PurePosixPath(path).name for path in tree if any(path.startswith(f"{each}/") or path == each for each in paths)
    ]
    usual = [name for name in names if name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))]
    return None if usual else "test*.py *test.py *tests.py"


def django_settings(tree: SourceTree) -> str:
    """The module of Django settings that the suite brings, which its own runner would name; empty where it has none."""
    for path in tree:
        parts = PurePosixPath(path).parts
        named = parts[-1] in {"settings.py", "test_settings.py", "test_sqlite.py"}
        if named and any(part in _TEST_FOLDERS for part in parts[:-1]) and b"INSTALLED_APPS" in tree.files[path]:
            return ".".join(parts).removesuffix(".py")
    return ""


def _test_paths(tree: SourceTree) -> tuple[str, ...]:
    found = dict.fromkeys(_test_root(path) for path in tree if _is_test(tree, path))
    return tuple(each for each in found if not any(each.startswith(f"{other}/") for other in found))


def _is_test(tree: SourceTree, path: str) -> bool:
    parts = PurePosixPath(path).parts
    if not path.endswith(".py") or parts[0] in {"docs", "doc", "examples", "example", "benchmarks", "build"}:
        return False
    inside = any(part in _TEST_FOLDERS for part in parts[:-1])
    if not inside and not _TEST_FILE.fullmatch(parts[-1]):
        return False
    data = tree.files[path]
    return b"def test" in data and (b"assert" in data or b"raises" in data)


def _test_root(path: str) -> str:
    """The topmost test folder that holds the file, or the file itself."""
    parts = PurePosixPath(path).parts
    for count, part in enumerate(parts[:-1], 1):
        if part in _TEST_FOLDERS:
            return "/".join(parts[:count])
    return path


def _has(tree: SourceTree, path: str) -> bool:
    """Whether the tree holds a file, or anything in a folder, of that name."""
    return path in tree or any(each.startswith(f"{path}/") for each in tree)


def _configured(tree: SourceTree, paths: tuple[str, ...]) -> tuple[str, ...]:
    """The folders that the configuration names, where they exist and hold the tests that were found."""
    told = tuple(each.rstrip("/") for each in config(tree).options.get("testpaths", "").split())
    held = [each for each in paths if any(each == one or each.startswith(f"{one}/") for one in told)]
    there = [each for each in told if any(path == each or path.startswith(f"{each}/") for path in tree)]
    return tuple(there) if held else paths


def _overlay(tree: SourceTree, upstream: SourceTree, paths: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Upstream's tests, and the files beside them that the pin lacks; never code of the package."""
    names = layout(tree).names | layout(upstream).names
    for path, data in upstream.files.items():
        in_suite = any(path == each or path.startswith(f"{each}/") for each in paths)
        code = any(part in names or part.removesuffix(".py") in names for part in PurePosixPath(path).parts)
        if in_suite or (path not in tree and not code and not path.startswith(".")):
            yield path, data


def _top_name(path: str, folder: str) -> str:
    """The importable top name that `path` shows below `folder`: a package's `__init__.py` or a module."""
    if folder:
        if not path.startswith(f"{folder}/"):
            return ""
        path = path[len(folder) + 1 :]
    head, _, rest = path.partition("/")
    if not rest:
        return head.removesuffix(".py") if head.endswith(".py") else ""
    namespace = rest.count("/") == 1 and rest.endswith("/__init__.py") and head.isidentifier()
    return head if rest == "__init__.py" or (namespace and head not in _SOURCE_FOLDERS) else ""


def _wanted(options: list[str]) -> Iterator[str]:
    waiting = iter(options)
    for option in waiting:
        name = option.split("=")[0]
        if option in _WITH_VALUE and option not in {"--cov", "--html"}:
            next(waiting, None)
        elif not name.startswith(_UNWANTED) and not re.fullmatch(r"-x|-n\w+|-v+|-q+|--verbose|--quiet", name):
            yield option


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []


def _ini_section(tree: SourceTree, path: str, section: str) -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(_text(tree, path))
    except configparser.Error:
        return {}
    return dict(parser.items(section)) if parser.has_section(section) else {}


def _lines(tree: SourceTree, path: str) -> list[str]:
    return [line for line in _text(tree, path).splitlines() if line.strip()]


def _text(tree: SourceTree, path: str) -> str:
    return (tree.get(path) or b"").decode("utf-8", "replace")
