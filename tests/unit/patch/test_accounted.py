"""A foreign patch is held against upstream's fix, hunk by hunk."""

from avr.model.backport import HunkStatus
from avr.model.fix import ChangeKind
from avr.stages.patch.accounted import EXTRA, KEPT, MISSING, OTHER, accounted, answered
from avr.stages.patch.ladder import backport
from avr.testing import build

OLD = "def read(path):\n    return open(path)\n\n\n\n\ndef size(path):\n    kept = 1\n    return open(path)\n"
CHECK = "    if '..' in path:\n        raise ValueError(path)\n"
NEW = OLD.replace("(path):\n", f"(path):\n{CHECK}")
FIX = build.fix(build.change("a.py", OLD, NEW))
REFERENCE = backport(build.tree({"a.py": OLD, "b.py": "x = 1\n"}), [(build.CVE, FIX)], build.tree({}))


def _accounted(code: str, other: str = "x = 1\n", *, rewritten: bool = False) -> list[tuple[str, int, str]]:
    hunks = accounted(REFERENCE, build.tree({"a.py": code, "b.py": other}), rewritten=rewritten)
    return [(each.path, each.start, each.tried[0] if each.is_open else str(each.origin)) for each in hunks]


def test_upstreams_own_patch_is_whole() -> None:
    """Every hunk is there and upstream's."""
    assert [("a.py", 2, "verbatim-upstream"), ("a.py", 8, "verbatim-upstream")] == _accounted(NEW)


def test_a_hunk_that_is_left_out_is_missing() -> None:
    """Nothing is changed near its place."""
    assert ("a.py", 8, MISSING) in _accounted(OLD.replace("(path):\n", f"(path):\n{CHECK}", 1))


def test_other_lines_are_refused_where_upstreams_fit() -> None:
    """Unless they are asked for; then they are not upstream's."""
    other = NEW.replace("'..' in path", "'../' in path", 1)
    assert [("a.py", 2, "model-written"), ("a.py", 8, "verbatim-upstream"), ("a.py", 2, OTHER)] == _accounted(other)
    assert ("a.py", 2, "model-written") == _accounted(other, rewritten=True)[0]
    assert 2 == len(_accounted(other, rewritten=True))


def test_what_upstream_keeps_is_not_taken_away() -> None:
    """Neither near a hunk nor elsewhere; additions are allowed where other lines are."""
    assert ("a.py", 8, KEPT) in _accounted(NEW.replace("    kept = 1\n", ""), rewritten=True)
    assert ("b.py", 1, KEPT) in _accounted(NEW, "x = 2\n", rewritten=True)


def test_nothing_is_added_where_upstream_changes_nothing() -> None:
    """Unless other lines are asked for."""
    assert ("b.py", 2, EXTRA) in _accounted(NEW, "x = 1\ny = 1\n")
    assert ("b.py", 2, "model-written") in _accounted(NEW, "x = 1\ny = 1\n", rewritten=True)
    twice = NEW.replace(CHECK, CHECK + CHECK, 1)
    assert OTHER in [why for _, _, why in _accounted(twice)]


def test_what_our_engine_cannot_place_stays_open() -> None:
    """Nobody could say that the patch answers it."""
    ported = build.ported(FIX, build.hunk("a.py"), build.hunk("c.py", status=HunkStatus.UNPLACED))
    found = answered(ported, [build.hunk("a.py")])
    assert (["a.py", "c.py"], False) == ([each.path for each in found.hunks], found.complete)


def test_the_tests_stay_upstreams() -> None:
    """Only code hunks are exchanged."""
    fix = build.fix(build.change("a.py", OLD, NEW))
    ported = build.ported(fix, build.hunk("a.py"), build.hunk("tests/test_a.py", kind=ChangeKind.TEST))
    found = answered(ported, [build.hunk("b.py", status=HunkStatus.UNPLACED)])
    assert ["b.py", "tests/test_a.py"] == [each.path for each in found.hunks]
    assert not found.complete
