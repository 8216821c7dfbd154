"""What a tree asks for: its runtime requirements and what its tests need, read without running anything of it."""

import ast
import configparser
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from avr.ecosystems.pypi.interpreters import Declared
from avr.model.source import SourceTree
from avr.tools.python_syntax import parse as parse_python

_TEST_GROUPS = re.compile(r"(unit[-_]?)?(tests?|testing|tests?[-_]requires?|dev|develop|development)", re.IGNORECASE)
_NO_FEATURES = re.compile(
    r".*(doc|rtd|sphinx|style|lint|format|bench|compar|profil|typ(e|ing)|mypy|release|build|publish|secur|all|ci|cover"
    r"|deploy|package|notebook|jupyter).*",
    re.IGNORECASE,
)
_MOST_OF_A_FEATURE = 6
_TEST_FILES = re.compile(
    r"(requirements?[-_./])*(unit)?(tests?|testing|dev|develop|development|ci)([-_]?(requirements?|requires|reqs?))?\.(txt|in|pip)",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"(flake8|pep8|pylint|mypy|black|isort|sphinx|tox|nox|types-|pytest-(cov|flake8|black|mypy|pep8|isort|pylint|xdist"
    r"|sugar|randomly|runner|codestyle|ruff|travis|watch|icdiff|profiling)|pip-|check-|bandit|safety|codecov|coveralls"
    r"|twine|towncrier|zest|bump|furo|myst|doc8|pydocstyle|pycodestyle|pyright|ruff|readme|rst2|guzzle|mkdocs|pallets-"
    r"|jupyter|ipython|ipdb|pudb|detox|virtualenv|pre-commit|commitizen|wheel|build$|setuptools|pip$|python$|invoke|asv"
    r"|memory|line-profiler|gitlint|pyupgrade|autopep8|yapf|cibuildwheel|python-semantic|releases?$|alabaster|sphinx-).*"
)
_SECTION = re.compile(r"\[([^]]*)\]")
_FACTOR = re.compile(r"^[\w.,{}!-]+:\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Requirements as PEP 508 text, each with where it was read; runtime ones may not be dropped."""

    runtime: Mapping[str, str]
    tests: Mapping[str, str]


def declared(tree: SourceTree, wheel: SourceTree | None) -> Declared:
    """Interpreters and classifiers that the release declares; `released` is left for the caller to fill in."""
    metadata = _metadata(tree, wheel)
    project = _table(_toml(tree, "pyproject.toml"), "project")
    requires = metadata.get("Requires-Python") or project.get("requires-python") or _setup_text(tree, "python_requires")
    classifiers = metadata.get_all("Classifier") or project.get("classifiers") or _classifier_lines(tree)
    return Declared(requires=str(requires or ""), classifiers=tuple(str(each) for each in classifiers))


def asked(tree: SourceTree, wheel: SourceTree | None) -> Asked:
    """All that the tree declares; of several places that name a package the first with a version limit wins."""
    runtime: dict[str, str] = {}
    tests: dict[str, str] = {}
    for where, extra, text in _declared_requirements(tree, wheel):
        _add(tests if extra else runtime, text, where)
    for where, text in _test_requirements(tree):
        _add(tests, text, where)
    names = {name_of(each) for each in runtime}
    return Asked(runtime=runtime, tests={text: where for text, where in tests.items() if name_of(text) not in names})


def is_tool(name: str) -> bool:
    """Whether a package is a linter, type checker, documentation or release tool that no test run needs."""
    return bool(_LEFT_OUT.fullmatch(canonicalize_name(name)))


def project_name(tree: SourceTree, wheel: SourceTree | None) -> str:
    """The name that the release gives itself, normalised; empty where it tells none."""
    name = _metadata(tree, wheel).get("Name") or _table(_toml(tree, "pyproject.toml"), "project").get("name") or ""
    return canonicalize_name(str(name))


def name_of(text: str) -> str:
    """The normalised name of a requirement."""
    return canonicalize_name(Requirement(text).name)


def entry_points(tree: SourceTree) -> str:
    """The entry points that `pyproject.toml` declares, in the form of `entry_points.txt`; empty where it has none."""
    pyproject = _toml(tree, "pyproject.toml")
    groups = dict(_table(pyproject, "project", "entry-points")) | dict(_table(pyproject, "tool", "poetry", "plugins"))
    for place in (("project", "scripts"), ("tool", "poetry", "scripts"), ("tool", "flit", "scripts")):
        if scripts := _table(pyproject, *place):
            groups["console_scripts"] = scripts
    tables = {name: table for name, table in groups.items() if isinstance(table, Mapping)}
    return "\n".join(
        line
        for name, table in tables.items()
        for line in (f"[{name}]", *(f"{key} = {value}" for key, value in table.items() if isinstance(value, str)))
    )


def _add(into: dict[str, str], text: str, where: str) -> None:
    text = text.split(" #", 1)[0].strip().rstrip(";").strip()
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return
    if requirement.url or is_tool(requirement.name):
        return
    same = [each for each in into if name_of(each) == name_of(text)]
    if any(Requirement(each).specifier or not requirement.specifier for each in same):
        return
    for each in same:  # a place that limits the version knows more than one that only names the package
        del into[each]
    into[text] = where


def _declared_requirements(tree: SourceTree, wheel: SourceTree | None) -> Iterator[tuple[str, bool, str]]:
    """(where, is for tests, requirement) from the built metadata, or else from what the build would read."""
    metadata = _metadata(tree, wheel)
    built = [*_from_metadata(metadata), *_from_requires_txt(tree)]
    yield from built
    pyproject = _toml(tree, "pyproject.toml")
    project = _table(pyproject, "project")
    groups = {"": project.get("dependencies", []), **_table(project, "optional-dependencies")}
    for extra, lines in groups.items():
        if not extra or _of_tests(extra, {name: len(_texts(texts)) for name, texts in groups.items()}):
            yield from (("pyproject.toml", bool(extra), text) for text in _texts(lines))
    if not any(not extra for _, extra, _ in built):
        yield from (("pyproject.toml", False, text) for text in _poetry(pyproject, ("dependencies",)))
        yield from (("setup.py", False, text) for text in _setup_lists(tree, "install_requires", "requires"))
    yield from (("setup.py", True, text) for text in _setup_lists(tree, "tests_require", "extras_require"))


def _from_metadata(metadata: Message) -> Iterator[tuple[str, bool, str]]:
    lines = [str(line) for line in metadata.get_all("Requires-Dist") or []]
    sizes = Counter(re.findall(r"extra\s*==\s*['\"]([^'\"]+)['\"]", "\n".join(lines)))
    for line in lines:
        text, _, marker = line.partition(";")
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", marker)
        rest = re.sub(r"(\s*and\s*)?\(?\s*extra\s*==\s*['\"][^'\"]+['\"]\s*\)?(\s*and\s*)?", "", marker).strip()
        rest = rest[1:-1] if rest.startswith("(") and rest.endswith(")") and rest.count("(") == 1 else rest
        if extra is None or _of_tests(extra[1], sizes):
            yield "metadata", extra is not None, f"{text.strip()}; {rest}" if rest else text.strip()


def _of_tests(extra: str, sizes: Mapping[str, int]) -> bool:
    """Whether an extra is for tests, or for a small feature that tests may exercise."""
    feature = not _NO_FEATURES.fullmatch(extra) and sizes[extra] <= _MOST_OF_A_FEATURE
    return feature or bool(_TEST_GROUPS.fullmatch(extra))


def _extras_of_lines(tree: SourceTree, path: str) -> Iterator[str]:
    extra = ""
    for line in _text(tree, path).splitlines():
        if section := _SECTION.fullmatch(line.strip()):
            extra = section[1].partition(":")[0]
        elif line.strip():
            yield extra


def _from_requires_txt(tree: SourceTree) -> Iterator[tuple[str, bool, str]]:
    """The form in which setuptools keeps requirements: sections `[extra]` and `[extra:marker]`."""
    for path in tree:
        if not path.endswith(".egg-info/requires.txt") or path.count("/") > 2:
            continue
        sizes = Counter(_extras_of_lines(tree, path))
        extra, marker = "", ""
        for line in _text(tree, path).splitlines():
            if section := _SECTION.fullmatch(line.strip()):
                extra, _, marker = section[1].partition(":")
            elif line.strip() and (not extra or _of_tests(extra, sizes)):
                yield path, bool(extra), f"{line.strip()}; {marker}" if marker else line.strip()


def _test_requirements(tree: SourceTree) -> Iterator[tuple[str, str]]:
    pyproject = _toml(tree, "pyproject.toml")
    for name, lines in _table(pyproject, "dependency-groups").items():
        if _TEST_GROUPS.fullmatch(name):
            yield from (("pyproject.toml", text) for text in _texts(lines))
    for path in (("dev-dependencies",), ("group", "dev", "dependencies"), ("group", "test", "dependencies")):
        yield from (("pyproject.toml", text) for text in _poetry(pyproject, path))
    files = [path for path in tree if _asks_for_tests(path)]
    for name in [path for path in files if "test" in path.lower()] or files:  # those for developers name far too much
        yield from ((name, line) for line in _text(tree, name).splitlines())
    yield from (("tox.ini", line) for line in _tox(tree))
    yield from (("setup.cfg", line) for line in _setup_cfg(tree))


def _asks_for_tests(path: str) -> bool:
    inner = path.removeprefix("tests/").removeprefix("test/")
    return inner.count("/") <= 1 and bool(
        _TEST_FILES.fullmatch(inner) or (inner != path and inner == "requirements.txt")
    )


def _tox(tree: SourceTree) -> Iterator[str]:
    config = _ini(tree, "tox.ini")
    if config.has_option("testenv", "deps"):
        for line in config.get("testenv", "deps").splitlines():
            yield _FACTOR.sub("", line.strip())


def _setup_cfg(tree: SourceTree) -> Iterator[str]:
    config = _ini(tree, "setup.cfg")
    if config.has_option("options", "tests_require"):
        yield from config.get("options", "tests_require").splitlines()
    if config.has_section("options.extras_require"):
        for extra, lines in config.items("options.extras_require"):
            if _TEST_GROUPS.fullmatch(extra):
                yield from lines.splitlines()


def _poetry(pyproject: Mapping[str, Any], path: Iterable[str]) -> Iterator[str]:
    """Names alone: the date limit picks the versions, and poetry's own operators are no PEP 508."""
    table = _table(pyproject, "tool", "poetry", *path)
    for name, wanted in table.items():
        if name != "python" and not (isinstance(wanted, Mapping) and (wanted.get("optional") or wanted.get("path"))):
            yield name


def _metadata(tree: SourceTree, wheel: SourceTree | None) -> Message:
    """The release's core metadata: the wheel's, or the source archive's own."""
    for source in (wheel, tree):
        for path in source or ():
            assert source is not None
            if path == "PKG-INFO" or (path.endswith(".dist-info/METADATA") and path.count("/") == 1):
                return BytesParser().parsebytes(source.files[path])
    for path in tree:
        if path.endswith(".egg-info/PKG-INFO"):
            return BytesParser().parsebytes(tree.files[path])
    return Message()


def _setup_lists(tree: SourceTree, *keywords: str) -> Iterator[str]:
    """Literal lists of setup.py's call of setup, names resolved one assignment deep."""
    for keyword, value in _setup_keywords(tree):
        if keyword in keywords:
            found = _literal(value)
            if isinstance(found, Mapping):
                found = [each for extra, texts in found.items() if _TEST_GROUPS.fullmatch(str(extra)) for each in texts]
            yield from found.splitlines() if isinstance(found, str) else _texts(found)


def _setup_text(tree: SourceTree, wanted: str) -> str:
    config = _ini(tree, "setup.cfg")
    if config.has_option("options", wanted):
        return config.get("options", wanted)
    found = [_literal(value) for keyword, value in _setup_keywords(tree) if keyword == wanted]
    return found[0] if found and isinstance(found[0], str) else ""


def _classifier_lines(tree: SourceTree) -> list[str]:
    return re.findall(r"Programming Language :: Python :: \d\.\d+", _text(tree, "setup.py") + _text(tree, "setup.cfg"))


def _setup_keywords(tree: SourceTree) -> list[tuple[str, ast.expr]]:
    try:
        module = parse_python(tree.get("setup.py") or b"")
    except (SyntaxError, ValueError, RecursionError):
        return []
    values = {
        target.id: node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    keywords = [
        keyword
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "setup"
        for keyword in node.keywords
    ]
    return [
        (
            keyword.arg,
            values.get(keyword.value.id, keyword.value) if isinstance(keyword.value, ast.Name) else keyword.value,
        )
        for keyword in keywords
        if keyword.arg
    ]


def _literal(value: ast.expr) -> Any:  # noqa: ANN401 - whatever setup.py holds
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError):
        return []


def _texts(values: object) -> list[str]:
    return [each for each in values if isinstance(each, str)] if isinstance(values, list | tuple | set) else []


def _table(data: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        inner = data.get(name)
        data = inner if isinstance(inner, dict) else {}
    return data


def _toml(tree: SourceTree, path: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(_text(tree, path))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _ini(tree: SourceTree, path: str) -> configparser.RawConfigParser:
    config = configparser.RawConfigParser(strict=False)
    try:
        config.read_string(_text(tree, path))
    except configparser.Error:
        return configparser.RawConfigParser()
    return config


def _text(tree: SourceTree, path: str) -> str:
    return (tree.get(path) or b"").decode("utf-8", "replace")
