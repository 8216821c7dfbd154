"""What a tree asks for is read without running it."""

from avr.ecosystems.pypi import requirements
from avr.model.source import SourceTree

PKG_INFO = b"""Metadata-Version: 2.1
Name: Some.Thing
Version: 1.0
Requires-Python: >=3.6
Classifier: Programming Language :: Python :: 3.6
Classifier: Programming Language :: Python :: 3.7
Requires-Dist: six (>=1.9)
Requires-Dist: mock ; extra == 'test'
Requires-Dist: typing ; (python_version < "3.5") and extra == 'tests'
Requires-Dist: sphinx ; extra == 'docs'

Prose.
"""


def tree(**files: str) -> SourceTree:
    """A tree with files whose names have `__` for a slash and `_dot_` for a dot."""
    return SourceTree(
        files={path.replace("__", "/").replace("_dot_", "."): text.encode() for path, text in files.items()}
    )


def test_core_metadata_is_read() -> None:
    """Name, range and classifiers come from PKG-INFO."""
    source = SourceTree(files={"PKG-INFO": PKG_INFO})
    declared = requirements.declared(source, None)
    assert (declared.requires, sorted(declared.minors)) == (">=3.6", [(3, 6), (3, 7)])
    assert requirements.project_name(source, None) == "some-thing"


def test_requirements_of_tests_are_told_from_runtime_ones() -> None:
    """The extra for tests is a wish, the one for documentation is nothing."""
    asked = requirements.asked(SourceTree(files={"PKG-INFO": PKG_INFO}), None)
    assert (list(asked.runtime), sorted(asked.tests)) == (["six (>=1.9)"], ["mock", 'typing; python_version < "3.5"'])


def test_requires_txt_of_setuptools_is_read() -> None:
    """Sections name extras and markers."""
    source = SourceTree(
        files={"x.egg-info/requires.txt": b"lxml\n\n[:python_version<'3']\nfutures\n\n[docs]\nsphinx\n\n[test]\nnose\n"}
    )
    asked = requirements.asked(source, None)
    assert (list(asked.runtime), list(asked.tests)) == (["lxml", "futures; python_version<'3'"], ["nose"])


def test_literal_lists_of_setup_py_are_read() -> None:
    """Names are followed one assignment deep and nothing is run."""
    source = tree(
        setup_dot_py="REQUIRES = ['a>=1']\nsetup(install_requires=REQUIRES, tests_require=['b'])\nraise SystemExit"
    )
    asked = requirements.asked(source, None)
    assert (list(asked.runtime), list(asked.tests)) == (["a>=1"], ["b"])


def test_python_2_syntax_in_setup_py_is_no_error() -> None:
    """What cannot be parsed is not read."""
    assert requirements.asked(tree(setup_dot_py="print 'x'\nsetup(install_requires=['a'])"), None).runtime == {}


def test_requirement_files_of_tests_are_read_and_tools_left_out() -> None:
    """Linters never decide whether a test passes; options, addresses and comments are no requirements."""
    source = tree(
        requirements__tests_dot_txt="pytest\n-r other.txt\nflake8\n# note\nfreezegun==1.0 # pinned\nx @ https://example.invalid/x",
        requirements__dev_dot_txt="a-tool-for-developers",
    )
    assert list(requirements.asked(source, None).tests) == ["pytest", "freezegun==1.0"]


def test_a_place_that_limits_the_version_wins() -> None:
    """A bare name says less than the pin that the maintainers tested with."""
    source = tree(setup_dot_py="setup(tests_require=['tornado', 'mock'])", test_requirements_dot_txt="tornado==5.1.1")
    assert list(requirements.asked(source, None).tests) == ["mock", "tornado==5.1.1"]


def test_tox_and_pyproject_are_read() -> None:
    """Factors of tox and poetry's operators are left aside."""
    source = tree(
        tox_dot_ini="[testenv]\ndeps =\n    py27: mock\n    webtest\n",
        pyproject_dot_toml='[tool.poetry.dependencies]\npython = "^3.6"\nattrs = "^19"\n'
        '[tool.poetry.dev-dependencies]\npretend = "*"\n'
        '[dependency-groups]\ntest = ["trustme>=1", {include-group = "x"}]\n',
    )
    asked = requirements.asked(source, None)
    assert (list(asked.runtime), sorted(asked.tests)) == (["attrs"], ["mock", "pretend", "trustme>=1", "webtest"])


def test_broken_files_are_no_error() -> None:
    """Hostile or broken configuration asks for nothing."""
    source = tree(tox_dot_ini="deps\n[", pyproject_dot_toml="[[[", setup_dot_cfg="\x00", setup_dot_py="\x00")
    assert requirements.asked(source, None) == requirements.Asked(runtime={}, tests={})


def test_entry_points_of_pyproject_are_written_out() -> None:
    """Scripts and groups come in the form of entry_points.txt."""
    source = tree(
        pyproject_dot_toml='[project.scripts]\nrun = "x:main"\n[project.entry-points.pytest11]\nx = "x.plugin"\n'
    )
    assert requirements.entry_points(source) == "[pytest11]\nx = x.plugin\n[console_scripts]\nrun = x:main"
