"""What a patch breaks, as far as the engine sees it."""

import pytest

from avr.model.source import SourceTree
from avr.stages.patch.adapt.conditions import problems
from avr.stages.patch.adapt.runtimes import standard

OLD = SourceTree(files={"pkg/__init__.py": b"", "pkg/a.py": b"import os\n\ndef f():\n    return os\n"})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"import os\n\ndef f():\n    return os.path\n", ()),
        (b"def f(:\n", ("pkg/a.py does not parse",)),
        (b"import os\n\ndef f():\n    return os, g\n", ("pkg/a.py uses the undefined name 'g'",)),
        (b"import pkg.b\nimport os\n", ("pkg/a.py imports pkg.b: the pin has no such module",)),
        (b"import thing\nimport os\n", ("pkg/a.py imports thing: 'thing' would be a new dependency",)),
        (
            b"import os\n\ndef f(a: int | None):\n    return os\n",
            ("pkg/a.py has a union of types, and Python 3.6 is supported",),
        ),
    ],
)
def test_only_what_is_new_and_wrong_is_told(content: bytes, expected: tuple[str, ...]) -> None:
    """One sentence for each thing that the patch breaks."""
    assert problems(OLD, OLD.replacing({"pkg/a.py": content}), (3, 6)) == expected


def test_the_standard_library_is_that_of_the_oldest_runtime() -> None:
    """Modules and names that came later do not count."""
    assert [standard("dataclasses", None, each) for each in [(3, 6), (3, 7)]] == [False, True]
    assert [standard("html", "unescape", each) for each in [(2, 7), (3, 4)]] == [False, True]
    assert standard("ssl", None, (2, 7))
