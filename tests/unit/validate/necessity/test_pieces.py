"""The parts of a difference that can be taken away one by one."""

from avr.stages.validate.necessity.pieces import pieces
from avr.testing import build

OLD = "import os\n\n\ndef read(path):\n    return open(path)\n\n\ndef size():\n    return 1\n"


def _names(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return [each.name for each in pieces(build.tree(old), build.tree(new))]


def test_each_change_is_a_part() -> None:
    """Two changes far apart are two parts, named by their lines in the patched file."""
    new = OLD.replace("import os\n", "import os\nimport re\n").replace("return 1", "return 2")
    assert ["a.py:2", "a.py:10"] == _names({"a.py": OLD}, {"a.py": new})


def test_without_a_part_the_file_is_as_before_there_alone() -> None:
    """The other parts stay."""
    new = OLD.replace("open(path)", "open(path, 'rb')").replace("return 1", "return 2")
    first, second = pieces(build.tree({"a.py": OLD}), build.tree({"a.py": new}))
    assert OLD.replace("return 1", "return 2").encode() == first.without
    assert OLD.replace("open(path)", "open(path, 'rb')").encode() == second.without


def test_what_cannot_be_parsed_apart_is_one_part() -> None:
    """A `try` is of no use without its `except`, nor an opening bracket without the closing one."""
    new = OLD.replace(
        "    return open(path)\n", "    try:\n        return open(path)\n    except OSError:\n        raise\n"
    )
    assert ["a.py:5-8"] == _names({"a.py": OLD}, {"a.py": new})
    old, called = "a = 1\nb = 2\nc = 3\nd = 4\n", "f(\na = 1\n,b = 2\n,\nc = 3\n)\nd = 4\n"
    assert ["a.py:1-6"] == _names({"a.py": old}, {"a.py": called})


def test_comments_and_docstrings_are_no_part() -> None:
    """Nothing could notice their removal."""
    new = OLD.replace("def read(path):\n", 'def read(path):\n    """Read it."""\n    # as bytes\n')
    assert [] == _names({"a.py": OLD}, {"a.py": new})


def test_new_and_removed_files_are_parts() -> None:
    """Taking a new file away removes it; taking a removal back brings the file."""
    found = pieces(build.tree({"gone.py": "x = 1\n"}), build.tree({"new.py": "y = 1\n"}))
    assert [("gone.py", b"x = 1\n"), ("new.py", None)] == [(each.path, each.without) for each in found]


def test_a_file_that_is_no_python_is_taken_apart_by_lines() -> None:
    """Templates and Python 2 have no syntax tree here."""
    old = "<p>{{ a }}</p>\n<hr>\n<p>{{ b }}</p>\n"
    assert ["t.html:1", "t.html:3"] == _names({"t.html": old}, {"t.html": old.replace(" }}", "|e }}")})
    two = "print 'a'\nx = 1\nprint 'b'\n"
    assert ["a.py:1", "a.py:3"] == _names({"a.py": two}, {"a.py": two.replace("print '", "print u'")})
