"""The security change in the difference of two releases."""

from datetime import UTC, datetime

from avr.model.advisory import Advisory
from avr.model.fix import ChangeKind
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.stages.plan.clues import clues
from avr.stages.plan.isolate import LARGE, Isolated, isolate

_ADVISORY = Advisory(id=AdvisoryId("CVE-2000-1"), modified=datetime(2000, 1, 1, tzinfo=UTC), cwes=("CWE-1333",))


def _isolated(before: dict[str, str], after: dict[str, str]) -> Isolated | None:
    old = SourceTree(files={path: text.encode() for path, text in before.items()})
    new = SourceTree(files={path: text.encode() for path, text in after.items()})
    return isolate(old, new, clues(_ADVISORY, old, new), ())


def _many(name: str, count: int, value: int) -> str:
    return "".join(f"def {name}_{i}():\n    return number_{i} + {value}\n\n\n" for i in range(count))


def test_a_small_difference_is_kept_whole_without_docs_and_build() -> None:
    """All code and tests, nothing else."""
    found = _isolated(
        {"pkg/a.py": "a = 1\n", "setup.py": "v = 1\n", "README.md": "one\n", "tests/test_a.py": "x\n"},
        {"pkg/a.py": "a = 2\n", "setup.py": "v = 2\n", "README.md": "two\n", "tests/test_a.py": "y\n"},
    )
    assert found is not None
    assert [(file.path, file.kind) for file in found.files] == [
        ("pkg/a.py", ChangeKind.CODE),
        ("tests/test_a.py", ChangeKind.TEST),
    ]


def test_the_place_that_the_changelog_names_is_taken_with_what_it_needs() -> None:
    """The hunk in the named function, the new helper it calls and the import; the noise stays behind."""
    noise_before, noise_after = _many("noise", 40, 1), _many("noise", 40, 2)
    before = {
        "pkg/noise.py": noise_before,
        "pkg/core.py": "import os\n\n\ndef split_authority(url):\n    return url.split('@')\n",
        "CHANGES.txt": "1.0\n",
    }
    after = {
        "pkg/noise.py": noise_after,
        "pkg/core.py": "import os\nimport zlib\n\n\ndef _bounded_pattern():\n    return zlib\n\n\n"
        "def split_authority(url):\n    return _bounded_pattern().split(url)\n",
        "CHANGES.txt": "1.1\n\n- Fixed CVE-2000-1: ``split_authority`` was slow.\n- Other numbers.\n\n1.0\n",
    }
    found = _isolated(before, after)
    assert found is not None
    assert [(file.path, file.after) for file in found.files] == [("pkg/core.py", after["pkg/core.py"].encode())]


def test_without_a_word_about_the_fix_a_moderate_difference_is_kept_whole_and_little_trusted() -> None:
    """Leaving the fix out would be worse."""
    found = _isolated({"pkg/a.py": _many("f", 40, 1)}, {"pkg/a.py": _many("f", 40, 2)})
    assert found is not None
    assert found.confidence == 0.15
    assert found.files[0].after == _many("f", 40, 2).encode()


def test_without_a_word_about_the_fix_a_large_difference_is_refused() -> None:
    """A guess among hundreds of lines is no fix."""
    assert _isolated({"pkg/a.py": _many("f", LARGE, 1)}, {"pkg/a.py": _many("f", LARGE, 2)}) is None


def test_a_difference_without_code_is_nothing() -> None:
    """Version numbers, comments and documents do not count."""
    before = {"pkg/a.py": '__version__ = "1.0"\n# old\n', "docs/a.rst": "1\n"}
    after = {"pkg/a.py": '__version__ = "1.1"\n# new\n', "docs/a.rst": "2\n"}
    assert _isolated(before, after) is None


def test_a_module_at_the_top_and_its_minified_build_go_together() -> None:
    """As npm's packages are laid out; the minified lines say nothing of the change's size, and are kept with it."""
    long = "".join(f"x{number};" for number in range(900))
    found = _isolated(
        {"index.js": "exports.a = one();\n", "index.min.js": long},
        {"index.js": "exports.a = two();\n", "index.min.js": "y"},
    )
    assert found is not None
    assert [file.path for file in found.files] == ["index.js", "index.min.js"]
    assert found.reasons == ("the whole difference is only 2 changed lines of code",)
