"""Whether a pin shows the fix or what it fixes."""

from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import AdvisoryId
from avr.model.plan import Strategy
from avr.model.source import SourceTree
from avr.stages.plan.presence import presence

_BEFORE = b"import re\n\n\ndef parse_header(line):\n    name = line.split(':')[0]\n    return name\n"
_AFTER = (
    b"import re\n\n\ndef parse_header(line):\n"
    b"    name = line.partition(':')[0].strip()\n    check_name(name)\n    return name\n"
)


def _fix(before: bytes | None = _BEFORE, after: bytes | None = _AFTER, path: str = "src/pkg/parser.py") -> Fix:
    change = FileChange(
        path_before=path if before is not None else None,
        path_after=path if after is not None else None,
        before=before,
        after=after,
        kind=ChangeKind.CODE,
    )
    return Fix(
        advisory=AdvisoryId("CVE-2000-1"), route=FixRoute.COMMIT, files=(change,), confidence=0.9, reasons=("test",)
    )


def _strategy(files: dict[str, bytes], fix: Fix | None = None) -> Strategy:
    return presence(SourceTree(files=files), fix or _fix())[1]


def test_vulnerable_lines_ask_for_the_backport() -> None:
    """The removed line stands there: affected."""
    counted, strategy = presence(SourceTree(files={"pkg/parser.py": _BEFORE}), _fix())
    assert strategy == Strategy.BACKPORT
    assert (counted.removed_found, counted.removed_total, counted.added_found, counted.added_total) == (1, 1, 0, 2)


def test_the_fix_in_place_is_seen_in_another_layout_and_other_quotes() -> None:
    """White space, quotes and the `src` folder make no difference."""
    assert _strategy({"pkg/parser.py": _AFTER.replace(b"'", b'"')}) == Strategy.ALREADY_FIXED


def test_half_a_fix_is_no_fix() -> None:
    """One of two added lines is not enough."""
    assert _strategy({"pkg/parser.py": _AFTER.replace(b"    check_name(name)\n", b"")}) == Strategy.BACKPORT


def test_added_lines_far_apart_are_no_fix() -> None:
    """The lines must stand near each other and in order."""
    spread = _AFTER.replace(b"    check_name", b"    a = 1\n    b = 2\n    c = 3\n    d = 4\n    check_name")
    assert _strategy({"pkg/parser.py": spread}) == Strategy.BACKPORT


def test_the_fix_beside_the_vulnerable_line_is_no_fix() -> None:
    """What the fix removes must be gone."""
    both = _AFTER + b"\n\ndef other(line):\n    name = line.split(':')[0]\n    return name\n"
    assert _strategy({"pkg/parser.py": both}) == Strategy.BACKPORT


def test_code_that_does_not_exist_is_not_affected() -> None:
    """Neither the lines nor the names around them appear anywhere."""
    counted, strategy = presence(SourceTree(files={"pkg/other.py": b"def something():\n    return 1\n"}), _fix())
    assert strategy == Strategy.NOT_AFFECTED
    assert "parse_header" in counted.detail
    assert counted.files_missing == ("src/pkg/parser.py",)


def test_a_moved_definition_leaves_a_doubt() -> None:
    """The function lives elsewhere with other lines: that may be the same hole."""
    assert _strategy({"pkg/other.py": b"def parse_header(data):\n    return data\n"}) == Strategy.BACKPORT


def test_a_reworded_line_at_module_level_leaves_a_doubt() -> None:
    """A pattern that reads differently may be just as bad; its name is still there."""
    fix = _fix(b"_PATTERN = re.compile('(a+)+$')\n", b"_PATTERN = re.compile('a+$')\n")
    assert _strategy({"pkg/parser.py": b"_PATTERN = re.compile('(a*)*$')\n"}, fix) == Strategy.BACKPORT


def test_a_fix_of_new_files_alone_proves_nothing() -> None:
    """Without a vulnerable line or name there is no proof of absence."""
    assert _strategy({"pkg/parser.py": b"x = 1\n"}, _fix(before=None)) == Strategy.BACKPORT


def test_a_fix_that_only_removes_is_never_called_present() -> None:
    """Lines can be missing for many reasons."""
    gone = _BEFORE.replace(b"    name = line.split(':')[0]\n", b"")
    assert _strategy({"pkg/parser.py": gone}, _fix(after=gone)) == Strategy.BACKPORT


def test_trivial_lines_alone_never_prove_a_fix() -> None:
    """`else:` and `return` stand in every file."""
    fix = _fix(
        b"def f(x):\n    if x:\n        pass\n", b"def f(x):\n    if x:\n        pass\n    else:\n        return\n"
    )
    assert _strategy({"pkg/parser.py": b"def f(x):\n    else:\n        return\n"}, fix) == Strategy.BACKPORT
