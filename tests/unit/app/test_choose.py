"""Candidates are taken in order, whole or not at all."""

from collections.abc import Sequence
from dataclasses import replace

from avr.app.choose import Choice, choose, with_tests
from avr.model.backport import Backport, HunkStatus, PortedFix
from avr.model.fix import ChangeKind, Fix, FixRoute
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.testing import build

PINNED = build.tree({"thing.py": "old\n"})
OTHER = AdvisoryId("CVE-2099-0002")


def _port(pinned: SourceTree, steps: Sequence[tuple[AdvisoryId, Fix]], _tests: SourceTree) -> Backport:
    """An engine that places a change only where the file's content is exactly the one before the fix."""
    tree, ported = pinned, []
    for _, fix in steps:
        change = fix.files[0]
        fits = tree.get(change.path) == change.before
        ported.append(build.ported(fix, build.hunk(status=HunkStatus.PLACED if fits else HunkStatus.UNPLACED)))
        tree = tree.replacing({change.path: change.after}) if fits else tree
    return Backport(pinned=pinned, patched=tree, ported=tuple(ported), security_tests={})


def _no_problems(_before: SourceTree, _after: SourceTree) -> Sequence[str]:
    return ()


def _fix(before: str, after: str, advisory: str = build.CVE) -> Fix:
    return build.fix(build.change("thing.py", before, after), advisory_id=advisory)


def _choose(*candidates: Fix, banned: frozenset[tuple[AdvisoryId, int]] = frozenset()) -> Choice:
    return choose(PINNED, build.plan(build.step(*candidates)), PINNED, _port, _no_problems, banned)


def test_the_first_whole_candidate_is_taken() -> None:
    """A better ranked candidate that does not fit is passed over."""
    chosen = _choose(_fix("else\n", "x\n"), _fix("old\n", "new\n"))
    assert ({build.CVE: 1}, b"new\n") == (chosen.used, chosen.backport.patched.get("thing.py"))


def test_a_banned_candidate_is_not_taken_again() -> None:
    """What a gate refused stays refused."""
    chosen = _choose(_fix("old\n", "bad\n"), _fix("old\n", "good\n"), banned=frozenset({(build.CVE, 0)}))
    assert b"good\n" == chosen.backport.patched.get("thing.py")


def test_without_a_whole_candidate_the_best_try_is_kept() -> None:
    """The evidence pack shows the first candidate's hunks."""
    chosen = _choose(_fix("else\n", "x\n"))
    ported, _why = chosen.rejected[build.CVE]
    assert (PINNED.files, PortedFix) == (chosen.backport.patched.files, type(ported))


def test_an_unsound_candidate_is_passed_over() -> None:
    """A patch that breaks the file statically is not taken."""
    plan = build.plan(build.step(_fix("old\n", "broken\n"), _fix("old\n", "fine\n")))

    def problems(_before: SourceTree, after: SourceTree) -> Sequence[str]:
        return ("does not parse",) if after.get("thing.py") == b"broken\n" else ()

    chosen = choose(PINNED, plan, PINNED, _port, problems, frozenset())
    assert b"fine\n" == chosen.backport.patched.get("thing.py")


def test_a_fix_for_review_is_never_taken() -> None:
    """A chain of commits that could not be put together, or a whole release, is shown and not delivered."""
    chosen = _choose(replace(_fix("old\n", "new\n"), only_for_review="a follow-up is missing"))
    assert (PINNED.files, True) == (chosen.backport.patched.files, "follow-up" in chosen.rejected[build.CVE][1])


def test_a_change_of_a_binary_file_is_passed_over() -> None:
    """What a patch cannot show, nobody can review."""
    chosen = _choose(_fix("old\n", "new\0\n"), _fix("old\n", "new\n"))
    assert b"new\n" == chosen.backport.patched.get("thing.py")


def test_fixes_are_stacked_in_order() -> None:
    """The second finding's fix is placed on the first one's result."""
    first, second = _fix("old\n", "middle\n"), _fix("middle\n", "new\n", OTHER)
    plan = build.plan(build.step(first), build.step(second, advisory_id=OTHER))
    chosen = choose(PINNED, plan, PINNED, _port, _no_problems, frozenset())
    assert b"new\n" == chosen.backport.patched.get("thing.py")


def test_tests_are_borrowed_and_the_lender_is_named() -> None:
    """A commit without tests is judged by those of the release, and says so."""
    bare = _fix("old\n", "new\n")
    tests = build.change("tests/test_x.py", None, "def test_a(): ...\n", ChangeKind.TEST)
    lender = build.fix(build.change("thing.py", "old\n", "x\n"), tests, route=FixRoute.RELEASE_DIFF)
    fix = with_tests(bare, (bare, lender))
    assert ((tests,), FixRoute.RELEASE_DIFF) == (fix.of_kind(ChangeKind.TEST), fix.tests_from)
