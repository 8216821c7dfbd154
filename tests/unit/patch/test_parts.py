"""The parts of the engine, each by itself: statements, imports, weights, paths and scopes."""

import pytest

from avr.model.source import SourceTree
from avr.stages.patch.change import Refusal, Upstream
from avr.stages.patch.imports import still_needed
from avr.stages.patch.languages import scopes
from avr.stages.patch.languages.interface import Import, Source
from avr.stages.patch.languages.python import PYTHON
from avr.stages.patch.paths import find_file, place_file
from avr.stages.patch.weight import weights


def source(*lines: str) -> Source:
    found = PYTHON.read(lines)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("f(a, 'b')", 'f( a,"b" )'),
        ("f(a, b)", "f(a, b,)"),
        ("x = [1, 2]", "x = [1, 2,]"),
        ("f(a)  # why", "f(a)"),
        ("f(a, b)", "f(\\\n  a, b)"),
        ("u'a'", "'a'"),
    ],
)
def test_layout_does_not_make_a_difference(one: str, two: str) -> None:
    """Statements that differ in layout only are equal."""
    assert source(one).keys == source(*two.split("\n")).keys


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("x = (a,)", "x = (a)"),
        ("x[a,]", "x[a]"),
        ("b'a'", "'a'"),
        ("r'a'", "'a'"),
        ("'a b'", "'ab'"),
        ('"it\'s"', '"it"'),
        ("a - b", "a -b.c"),
        ("x = 1.5", "x = 15"),
    ],
)
def test_meaning_makes_a_difference(one: str, two: str) -> None:
    """Statements that could mean different things are not equal."""
    assert source(one).keys != source(two).keys


def test_the_indentation_of_a_block_counts_by_depth() -> None:
    """Two blanks, four blanks and a tab are one step each; a statement one step deeper is another statement."""
    four, tab = source("if a:", "    b()", "c()"), source("if a:", "\tb()", "c()")
    assert four.keys == tab.keys
    assert four.keys != source("if a:", "    b()", "    c()").keys


@pytest.mark.parametrize("text", ["x = (", "x = )", "'''open", "x = 'open", "a ? b"])
def test_what_is_no_python_is_not_read(text: str) -> None:
    """Open brackets, open strings and foreign characters end in None, not in a guess."""
    assert PYTHON.read((text,)) is None


def test_old_python_is_read() -> None:
    """Print statements, backticks and the old inequality are statements like others."""
    assert len(source("print 'a'", "x = `y`", "if a <> b: pass").statements) == 3


def test_statements_know_their_lines() -> None:
    """A statement spans the lines it stands on; comments and blank lines belong to none."""
    found = source("a = (1,", "     2)", "", "# c", "b = '''x", "y'''").statements
    assert [(each.first, each.last) for each in found] == [(0, 2), (4, 6)]


def test_imports_are_read_as_names() -> None:
    """Plain imports, aliases, dotted names and parentheses."""
    found = source("import os.path, re as r", "from . import a", "from b.c import (d as e, f,)", "import_it()")
    assert [PYTHON.imports(each) for each in found.statements] == [
        {Import(module=None, name="os.path"), Import(module=None, name="re", alias="r")},
        {Import(module=".", name="a")},
        {Import(module="b.c", name="d", alias="e"), Import(module="b.c", name="f")},
        frozenset(),
    ]


def test_an_import_is_needed_where_the_pin_goes_on_using_it() -> None:
    """A dropped import counts as needed only if the patched pin uses the name and binds it nowhere else."""
    before, after = source("import os", "import re", "x = os.a"), source("x = 1")
    patched = source("x = 1", "y = re.b")
    assert still_needed(before, after, before, patched) == {Import(module=None, name="re")}
    assert still_needed(before, source("import re", "x = 1"), before, patched) == frozenset()


def test_strings_take_the_quotes_of_the_pin() -> None:
    """A plain literal is written in the pin's quotes; one that holds quotes stays as it is."""
    pin = source("a('a', 'b', 'c', 'd', 'e')")
    assert [PYTHON.requoted(each, pin) for each in ('"x"', 'b"x"', '"it\'s"', '"""x"""')] == [
        "'x'",
        "b'x'",
        '"it\'s"',
        '"""x"""',
    ]


def test_edits_are_weighed() -> None:
    """A version bump and edits of comments and docstrings are told apart from code."""
    before = b'"""Doc."""\nimport a\n__version__ = "1.2"\nb = 1\n# c\nd = 2\nversion = compute("1")\n'
    after = b'"""Docs."""\nimport a\n__version__ = "1.3"\nb = 1\n# cc\nd = 2\nversion = other("2")\n'
    found = weights(Upstream.of(before, after, "m.py"))
    assert (set(found.versions), set(found.inert)) == ({1}, {0, 2})


@pytest.mark.parametrize(
    ("line", "bump"),
    [
        ('__version__ = "1.2.{}"', True),
        ("VERSION = (1, 2, {}, 'final', 0)", True),
        ("version = '0.{}rc1'", True),
        ('__releasedate__ = "2021012{}"', True),
        ("__build__ = 0x02020{}", True),
        ('    version = "1.{}"', False),
        ('version = "TLSv1.{}"', False),
        ('version = read("1.{}")', False),
        ('minimum_version = "1.{}"', False),
        ('__version__ = "1.{}"; check()', False),
    ],
)
def test_only_plain_version_lines_are_version_bumps(line: str, bump: bool) -> None:
    """What could matter for security is never taken for a version bump."""
    found = weights(Upstream.of(line.format(3).encode(), line.format(4).encode(), "m.py"))
    assert set(found.versions) == ({0} if bump else set())


BODY = b"".join(b"line number %d\n" % each for each in range(20))


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({"src/p/a.py": BODY}, "src/p/a.py"),
        ({"p/a.py": BODY}, "p/a.py"),
        ({"p/a.py": BODY, "vendored/a.py": BODY}, "p/a.py"),
        ({"p/b.py": BODY}, "p/b.py"),
        ({"x/a.py": BODY[: len(BODY) // 2], "y/a.py": BODY}, "y/a.py"),
        ({"x/a.py": BODY, "y/a.py": BODY}, None),
        ({"p/a.py": b"quite\nanother\nfile\n"}, None),
        ({"p/a.txt": BODY}, None),
        ({}, None),
    ],
)
def test_a_file_is_found_by_path_and_content(there: dict[str, bytes], expected: str | None) -> None:
    """The longest common end of the path and the content decide; a tie is refused."""
    found = find_file(SourceTree(files=there), "src/p/a.py", BODY)
    assert (None if isinstance(found, Refusal) else found) == expected


@pytest.mark.parametrize(
    ("there", "went", "expected"),
    [
        (["src/p/a.py"], {}, "src/p/new.py"),
        (["p/a.py"], {}, "p/new.py"),
        (["lib/p/a.py"], {"src/p/a.py": "lib/p/a.py"}, "lib/p/new.py"),
        (["lib/q.py"], {"src/q.py": "lib/q.py"}, "lib/p/new.py"),
        (["x"], {}, "src/p/new.py"),
    ],
)
def test_a_new_file_goes_where_its_siblings_went(there: list[str], went: dict[str, str], expected: str) -> None:
    """The folder itself, the folder of a sibling, or the folder without the layout's top."""
    assert place_file(SourceTree(files=dict.fromkeys(there, b"")), "src/p/new.py", went) == expected


def test_scopes_are_the_definitions_around_a_line() -> None:
    """Decorators and blank lines aside, each line knows its class and function."""
    lines = ["class A:", "    def b(", "        self", "    ):", "        x", "", "    y = 1", "z = 2"]
    assert scopes(PYTHON, lines) == [
        ("A",), ("A", "b"), ("A", "b"), ("A", "b"), ("A", "b"), ("A", "b"), ("A",), (),
    ]  # fmt: skip
    assert scopes(None, lines) == [()] * len(lines)
