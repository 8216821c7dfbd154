"""What a patch breaks is seen without running it; what was broken before is not held against it."""

import pytest

from avr.ecosystems.pypi.declared import dependencies, runtimes
from avr.ecosystems.pypi.static import minimum_runtime, static_problems, unjudged
from avr.model.source import SourceTree


def package(requires: str = ">=3.6", **modules: str) -> SourceTree:
    """A package `p` with the given modules that supports the given versions of Python."""
    files = {"PKG-INFO": f"Metadata-Version: 1.2\nName: p\nRequires-Python: {requires}\nRequires-Dist: six\n"}
    files |= {"p/__init__.py": ""} | {f"p/{name}.py": text for name, text in modules.items()}
    return SourceTree(files={path: text.encode() for path, text in files.items()})


def problems(before: str, after: str, requires: str = ">=3.6", **others: str) -> tuple[str, ...]:
    """What changing the module `p/m.py` breaks."""
    return static_problems(package(requires, m=before, **others), package(requires, m=after, **others))


@pytest.mark.parametrize(
    ("path", "text", "lowest"),
    [
        ("PKG-INFO", "Name: p\nRequires-Python: >=3.6\n", (3, 6)),
        ("PKG-INFO", "Name: p\nRequires-Python: >=2.7, !=3.0.*, !=3.1.*, <4\n", (2, 7)),
        ("PKG-INFO", "Name: p\nRequires-Python: >=3.7.2\n", (3, 7)),
        ("setup.py", "setup(python_requires='>=3.5')", (3, 5)),
        ("setup.cfg", "[options]\npython_requires = >= 3.8\n", (3, 8)),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.9"\n', (3, 9)),
        ("setup.py", "'Programming Language :: Python :: 3.6', 'Programming Language :: Python :: 2.7'", (2, 7)),
        ("setup.py", "python_requires='banana'", None),
        ("pyproject.toml", "[project", None),
        ("setup.py", "setup()", None),
    ],
)  # fmt: skip
def test_the_lowest_python_is_read_as_text(path: str, text: str, lowest: tuple[int, int] | None) -> None:
    """Wherever a tree declares it, and never by running its code."""
    assert minimum_runtime(SourceTree(files={path: text.encode()})) == lowest


def test_classifiers_narrow_an_open_range() -> None:
    """`>=2.7` alone would include 3.0; the classifiers tell where Python 3 support starts."""
    text = "Requires-Python: >=2.7\nClassifier: Programming Language :: Python :: 2.7\n" + "".join(
        f"Classifier: Programming Language :: Python :: 3.{minor}\n" for minor in (5, 6)
    )
    assert runtimes(SourceTree(files={"PKG-INFO": text.encode()}))[:2] == ((2, 7), (3, 5))


def test_dependencies_are_read_as_text() -> None:
    """From metadata, requires.txt, pyproject.toml, setup.cfg and setup.py."""
    files = {
        "PKG-INFO": "Requires-Dist: One_Two (>=1)\n",
        "p.egg-info/requires.txt": "three>=1\n\n[extra]\nfour\n",
        "pyproject.toml": '[project]\ndependencies = ["five"]\n[project.optional-dependencies]\nx = ["six; os_name"]\n',
        "setup.py": "setup(install_requires=['seven>=1', \"eight\"])",
        "setup.cfg": "[options]\ninstall_requires =\n    nine\n    ten>1\n",
    }
    found = dependencies(SourceTree(files={path: text.encode() for path, text in files.items()}))
    assert found == {"one-two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}


@pytest.mark.parametrize("requires", [">=3.6", ">=2.7", ""])
def test_an_unchanged_tree_has_no_problems(requires: str) -> None:
    """Whatever is in it, even what is wrong."""
    code = "import nothing\nfrom . import void\nif (n := undefined): print(f'{n=}')\n"
    assert problems(code, code, requires) == ()


def test_an_assignment_expression_is_too_new_for_36() -> None:
    """The classic: a walrus merged into a package for Python 3.6."""
    found = problems("n = len('a')\nif n: pass\n", "if (n := len('a')): pass\n")
    assert found == (
        "p/m.py needs Python 3.8 now, but 3.6 is supported (L1: named expressions require !2, 3.8)",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("def f(a, /): pass\n", "3.8"),
        ("match 1:\n    case 1: pass\n", "3.10"),
        ("def f(a: list[int]): return a\n", "3.9"),
        ("x = 'abc'.removeprefix('a')\n", "3.9"),
        ("import zoneinfo\n", "3.9"),
        ("async def f():\n    import asyncio\n    await asyncio.to_thread(print)\n", "3.9"),
    ],
)
def test_syntax_and_library_newer_than_the_lowest_python_are_told(code: str, word: str) -> None:
    """Syntax, methods of builtins, modules and functions of the standard library."""
    assert [word in each for each in problems("", code)] == [True]


def test_python_2_support_is_kept() -> None:
    """An f-string in a package that still runs on Python 2.7 and 3.5 is told for both."""
    found = problems("x = 1\n", "x = f'{1}'\n", ">=2.7, !=3.0.*, !=3.1.*, !=3.2.*, !=3.3.*, !=3.4.*")
    assert [each.split(" (")[0] for each in found] == [
        "p/m.py cannot run on Python 2 now, but 2.7 is supported",
        "p/m.py needs Python 3.6 now, but 3.5 is supported",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from functools import cache\nexcept ImportError:\n    cache = None\n",
        "import sys\nif sys.version_info >= (3, 9):\n    import zoneinfo\n",
        "import types\nif hasattr(types, 'UnionType'):\n    x = types.UnionType\n",
        "import os\n",
        "import six\n",
        "from . import other\nfrom .other import name\nfrom p.other import name as n\n",
    ],
)
def test_what_is_guarded_or_there_is_no_problem(code: str) -> None:
    """Guarded use, the standard library of either Python, declared dependencies and own modules are fine."""
    assert problems("", code, other="name = 1\n") == ()


def test_modules_and_names_of_python_2_are_there_where_only_python_2_is_supported() -> None:
    """Neither is undefined or a new dependency."""
    assert problems("", "import urlparse\nx = unicode('')\n", "==2.7.*") == ()


def test_a_file_that_was_too_new_already_is_not_held_against_the_patch() -> None:
    """Only what the patch adds counts."""
    assert problems("if (n := 1): pass\n", "if (n := 2): pass\n") == ()


def test_a_removed_import_that_is_still_used_is_told() -> None:
    """A fix drops an import that the old branch still needs: every merge of it is clean and wrong."""
    found = problems("import os\nx = os.sep\n", "x = os.sep\n")
    assert found == ("p/m.py uses the undefined name 'os' (line 1)",)


def test_names_undefined_before_are_not_told() -> None:
    """Sloppy code stays as sloppy as it was."""
    assert problems("def f(): return ghost\n", "def f(): return ghost + 1\n") == ()


def test_a_new_dependency_is_told() -> None:
    """A patch release must not need a package that the pin does not."""
    assert problems("", "import attrs\n") == ("p/m.py: `import attrs` needs 'attrs', which is no declared dependency",)


@pytest.mark.parametrize("code", ["from .void import x\n", "from .other import void\n", "from p import void\n"])
def test_an_import_that_the_tree_cannot_satisfy_is_told(code: str) -> None:
    """A helper that does not exist in the pin yet."""
    assert [each.endswith("finds nothing in the tree") for each in problems("", code, other="name = 1\n")] == [True]


def test_a_package_used_elsewhere_is_a_dependency() -> None:
    """Import names differ from package names; what other modules import is there."""
    assert problems("", "import yaml\n", other="import yaml\n") == ()


def test_a_dropped_name_that_others_import_is_told() -> None:
    """The patch removes a function that another module still imports."""
    found = problems("def a(): pass\ndef b(): pass\n", "def a(): pass\n", other="from .m import a, b\n")
    assert found == ("p/other.py still imports 'b' from p.m, which the patch removes",)


def test_a_dropped_name_under_a_star_is_not_guessed() -> None:
    """Where a module binds names in ways that cannot be seen, nothing is claimed."""
    after = "from os.path import *\n"
    assert problems("def a(): pass\n", after, other="from .m import a\n") == ()


def test_a_new_module_may_be_imported() -> None:
    """What the patch adds itself can be imported."""
    before = package(m="")
    after = before.replacing({"p/m.py": b"from .new import x\n", "p/new.py": b"x = 1\n"})
    assert static_problems(before, after) == ()


def test_broken_syntax_is_told() -> None:
    """A file that parsed before must parse after."""
    assert [
        each.startswith("p/m.py is not valid Python any more: line 1") for each in problems("x = 1\n", "x =\n")
    ] == [True]


def test_python_2_code_is_not_judged_and_said_so() -> None:
    """Today's grammar cannot read it: no problem is claimed, and the file is named."""
    before, after = package(m="print 'a'\n"), package(m="print 'b'\n")
    assert (static_problems(before, after), unjudged(before, after)) == ((), ("p/m.py",))


@pytest.mark.parametrize("code", ["x = '\\0'\0", "(" * 5000, "x = 1" + " + 1" * 20000])
def test_hostile_source_does_not_bring_it_down(code: str) -> None:
    """NUL bytes and deep nesting end in a sentence or in nothing, never in a crash."""
    assert isinstance(problems("", code), tuple)
