"""Which tests are the suite, and what the project's configuration asks of pytest."""

import pytest

from avr.ecosystems.pypi import suite
from avr.model.source import SourceTree

TEST = b"def test_it():\n    assert True\n"


def tree(*paths: str, **files: bytes) -> SourceTree:
    """A tree of empty files, or of tests where the name says so."""
    contents = {path: TEST if "test" in path.rpartition("/")[2] else b"" for path in paths}
    return SourceTree(files={**contents, **{path.replace("_dot_", "."): data for path, data in files.items()}})


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (("tests/test_a.py", "tests/deep/test_b.py"), ("tests",)),
        (("pkg/__init__.py", "pkg/tests/test_a.py"), ("pkg/tests",)),
        (("test_a.py", "a.py"), ("test_a.py",)),
        (("docs/tests/test_a.py", "examples/x/tests/test_a.py"), ()),
        (("pkg/tests.py",), ("pkg/tests.py",)),
    ],
)
def test_test_folders_are_found(paths: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """The topmost test folders, or single files; examples are no suite."""
    assert suite.find(tree(*paths), None).paths == expected


def test_a_module_of_predicates_is_no_suite() -> None:
    """A template engine's `tests.py` defines functions named test_... that assert nothing."""
    assert (
        suite.find(SourceTree(files={"pkg/tests.py": b"def test_odd(x):\n    return x % 2\n"}), None).origin == "none"
    )


def test_configured_paths_win() -> None:
    """Where the project says what its tests are, that is the suite."""
    found = suite.find(
        tree("unit/tests/test_a.py", "perf/tests/test_b.py", pytest_dot_ini=b"[pytest]\ntestpaths = unit\n"), None
    )
    assert found.paths == ("unit",)


def test_upstream_tests_are_laid_over_the_pins_own_code() -> None:
    """Tests, their support files and data come from the tag, code from the pin only."""
    pin = tree("pkg/__init__.py", "setup.py")
    upstream = tree(
        "pkg/__init__.py", "pkg/new.py", "tests/test_a.py", "tests/data.txt", "conftest.py", "setup.py", ".ci/x"
    )
    found = suite.find(pin, upstream)
    assert (found.origin, found.paths) == ("upstream tag", ("tests",))
    assert sorted(found.overlay) == ["conftest.py", "tests/data.txt", "tests/test_a.py"]


def test_test_folders_that_the_archive_lacks_come_from_upstream() -> None:
    """An archive that ships only some of its tests gets the others; files that it has stay its own."""
    found = suite.find(tree("tests/test_a.py"), tree("tests/test_a.py", "tests/test_b.py", "unit_tests/test_c.py"))
    expected = {"tests/test_b.py", "unit_tests/test_c.py"}
    assert ("source archive and upstream tag", expected) == (found.origin, set(found.overlay))
    assert ("tests", "unit_tests") == found.paths


def test_the_archives_own_tests_need_no_upstream() -> None:
    """What was released with the pin fits it best."""
    assert suite.find(tree("tests/test_a.py"), tree("tests/test_b.py")).overlay == {}


@pytest.mark.parametrize(
    ("paths", "roots", "names"),
    [
        (("src/pkg/__init__.py", "setup.py"), ("src",), {"pkg"}),
        (("pkg/__init__.py", "tests/__init__.py", "setup.py"), ("",), {"pkg"}),
        (("module.py", "setup.py"), ("",), {"module"}),
        (("lib/pkg/__init__.py", "setup.py"), ("lib",), {"pkg"}),
        (("src/space/pkg/__init__.py", "setup.py"), ("src",), {"space"}),
    ],
)
def test_the_code_is_found(paths: tuple[str, ...], roots: tuple[str, ...], names: set[str]) -> None:
    """Tests must import the tree that was given, so its folders come first on the module search path."""
    found = suite.layout(tree(*paths))
    assert (found.roots, set(found.names)) == (roots, names)


@pytest.mark.parametrize(
    ("configured", "kept"),
    [
        ("-ra --strict-markers", "-ra --strict-markers"),
        ("--cov=pkg --cov-report term -ra -vv", "-ra"),
        ("-n auto -x --maxfail 1 --flake8", ""),
        ("-n4 -k 'not slow'", "-k 'not slow'"),
        ("-W 'error", ""),
    ],
)
def test_options_that_stop_or_report_are_left_out(configured: str, kept: str) -> None:
    """Coverage, parallel runs, linters and early stops would need plug-ins or hide results."""
    assert suite.config(tree(pytest_dot_ini=f"[pytest]\naddopts = {configured}\n".encode())).addopts == kept


def test_the_pyproject_table_is_read() -> None:
    """Lists become the words that pytest would see."""
    data = b'[tool.pytest.ini_options]\naddopts = ["-rs", "--cov"]\ntestpaths = ["tests"]\n'
    assert suite.config(tree(pyproject_dot_toml=data)).addopts == "-rs"


def test_unusual_file_names_widen_the_pattern() -> None:
    """Suites made for other runners name their files otherwise."""
    assert suite.python_files(tree("tests/testthings.py"), ("tests",)) == "test*.py *test.py *tests.py"
    assert suite.python_files(tree("tests/test_a.py"), ("tests",)) is None


def test_settings_of_django_are_found() -> None:
    """A suite for Django needs the settings that its own runner would have set."""
    assert suite.django_settings(SourceTree(files={"tests/settings.py": b"INSTALLED_APPS = ()"})) == "tests.settings"
    assert suite.django_settings(SourceTree(files={"pkg/settings.py": b"INSTALLED_APPS = ()"})) == ""
