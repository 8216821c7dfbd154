"""The gates judge by what was run, and never call nothing a pass."""

from dataclasses import replace

from avr.model.backport import HunkStatus, PortedFix
from avr.model.evidence import NOT_REACHED, Evidence, TestRun, Verdict
from avr.model.fix import ChangeKind, FixRoute
from avr.stages.validate import decide, security
from avr.testing import build

PATH = "tests/test_x.py"
OLD = "def test_old():\n    pass\n"
NEW = (
    OLD
    + "\ndef test_hole():\n    assert closed()\n\nclass TestMore:\n    def test_other(self):\n        assert closed()\n"
)


def _ported(route: FixRoute = FixRoute.COMMIT) -> PortedFix:
    code = build.change("thing.py", "a\n", "b\n")
    tests = build.change(PATH, OLD, NEW, ChangeKind.TEST)
    test_hunk = build.hunk(PATH, kind=ChangeKind.TEST)
    return build.ported(build.fix(code, tests, route=route), build.hunk(), test_hunk)


def _g4(
    before: list[TestRun], after: list[TestRun], baseline: list[TestRun], route: FixRoute = FixRoute.COMMIT
) -> Evidence:
    return security.security_test(_ported(route), baseline, before, after, (PATH,))


def test_a_fix_with_an_unplaced_code_hunk_does_not_apply() -> None:
    """G0 fails as soon as one code hunk has no place."""
    ported = build.ported(build.fix(), build.hunk(), build.hunk(status=HunkStatus.UNPLACED))
    assert decide.applies(ported).verdict is Verdict.FAILED


def test_an_unplaced_test_hunk_does_not_stop_a_fix() -> None:
    """G0 looks at code only."""
    ported = build.ported(build.fix(), build.hunk(), build.hunk(kind=ChangeKind.TEST, status=HunkStatus.UNPLACED))
    assert decide.applies(ported).verdict is Verdict.PASSED


def test_a_fix_without_code_hunks_does_not_apply() -> None:
    """A fix that changes no code is not a fix."""
    assert decide.applies(build.ported(build.fix(), build.hunk(kind=ChangeKind.TEST))).verdict is Verdict.FAILED


def test_no_executed_test_is_no_evidence() -> None:
    """G3 with an empty suite never passes."""
    empty = [build.run()]
    assert decide.no_regression(empty, empty, [], None).verdict is Verdict.NO_EVIDENCE


def test_a_suite_in_parts_says_so() -> None:
    """G3 tells how many parts ended, how many were not reached, and names those that hung."""
    left_out = {"tests/test_hang.py": "timeout", "tests/test_late.py": NOT_REACHED}
    before = [replace(build.run(passed=["t::a"]), parts=("tests/test_x.py",), left_out=left_out)]
    found = decide.no_regression(before, [build.run(passed=["t::a"])], [], None)
    assert "all 1 tests that passed before pass after in 1 of 3 parts of the suite" == found.summary
    assert ["tests/test_hang.py: timeout"] == found.facts["parts_without_results"]
    assert (1, 1) == (found.facts["parts_that_ended"], found.facts["parts_not_reached"])


def test_a_part_that_hangs_only_after_is_a_regression() -> None:
    """Its tests passed before and are gone."""
    before = [replace(build.run(passed=["t::a", "u::b"]), parts=("t.py", "u.py"))]
    after = [replace(build.run(passed=["t::a"]), parts=("t.py",), left_out={"u.py": "timeout"})]
    assert Verdict.FAILED is decide.no_regression(before, after, [], None).verdict


def test_parts_that_time_was_too_short_for_after_are_no_evidence() -> None:
    """The run has no exit code then, whatever it holds."""
    before = [replace(build.run(passed=["t::a"]), parts=("t.py", "u.py"))]
    after = [replace(build.run(passed=["t::a"]), exit_code=None, problem="timeout", parts=("t.py",))]
    assert Verdict.NO_EVIDENCE is decide.no_regression(before, after, [], None).verdict


def test_no_run_at_all_is_no_evidence() -> None:
    """G3 tells the bench's problem."""
    found = decide.no_regression([], [], [], "no interpreter suits")
    assert (Verdict.NO_EVIDENCE, True) == (found.verdict, "no interpreter suits" in found.summary)


def test_a_suite_of_failures_is_no_evidence() -> None:
    """When nothing passed before, nothing could have been lost."""
    red = [build.run(failed=["tests.test_x::test_old"])]
    assert decide.no_regression(red, red, [], None).verdict is Verdict.NO_EVIDENCE


def test_a_lost_test_is_a_regression() -> None:
    """G3 fails when a test that passed before fails after."""
    before = [build.run(passed=["t::a", "t::b"])]
    after = [build.run(passed=["t::a"], failed=["t::b"])]
    found = decide.no_regression(before, after, [], None)
    assert (Verdict.FAILED, ["t::b"]) == (found.verdict, found.facts["lost"])


def test_a_vanished_test_is_a_regression() -> None:
    """A test that is not collected any more counts as lost."""
    assert decide.no_regression(
        [build.run(passed=["t::a", "t::b"])], [build.run(passed=["t::a"])], [], None
    ).verdict is (Verdict.FAILED)


def test_a_flaky_test_is_set_aside_by_name() -> None:
    """A test that passed in one of two runs before is not held against the fix."""
    before = [build.run(passed=["t::a", "t::b"]), build.run(passed=["t::a"], failed=["t::b"])]
    found = decide.no_regression(before, [build.run(passed=["t::a"], failed=["t::b"])], [], None)
    assert (Verdict.PASSED, ["t::b"]) == (found.verdict, found.facts["flaky_set_aside"])


def test_a_run_that_hit_the_time_limit_is_no_evidence() -> None:
    """G3 does not pass on a suite that was cut short."""
    passed = [build.run(passed=["t::a"])]
    cut = [build.run(exit_code=None, problem="timeout", passed=["t::a"])]
    assert decide.no_regression(passed, cut, [], None).verdict is Verdict.NO_EVIDENCE


def test_a_test_that_the_fix_rewrote_may_fail_in_its_old_form() -> None:
    """The new form passing after the fix explains the old form's failure."""
    before, after = [build.run(passed=["t::a", "t::b"])], [build.run(passed=["t::a"], failed=["t::b"])]
    found = decide.no_regression(before, after, [build.run(passed=["t::b"])], None)
    assert (Verdict.PASSED, ["t::b"]) == (found.verdict, found.facts["rewritten_or_removed_by_the_fix"])


def test_red_before_and_green_after_proves_the_fix() -> None:
    """G4 passes when the fix's tests turn from red to green."""
    tests = ["tests.test_x::test_hole", "tests.test_x.TestMore::test_other"]
    found = _g4([build.run(failed=tests)], [build.run(passed=tests)], [build.run(passed=["tests.test_x::test_old"])])
    assert (Verdict.PASSED, sorted(tests)) == (found.verdict, found.facts["turned_green"])


def test_a_new_test_left_red_disproves_the_fix() -> None:
    """G4 fails when one of the fix's own tests fails on the patched pin."""
    hole, other = "tests.test_x::test_hole", "tests.test_x.TestMore::test_other"
    found = _g4([build.run(failed=[hole, other])], [build.run(passed=[hole], failed=[other])], [])
    assert (Verdict.FAILED, [other]) == (found.verdict, found.facts["still_red"])


def test_an_isolated_release_difference_answers_for_every_test_of_its_release() -> None:
    """A test left red may be the test of a part that was left out, whatever module it is in."""
    hole, other = "tests.test_x::test_hole", "tests.test_x.TestMore::test_other"
    found = _g4(
        [build.run(failed=[hole, other])], [build.run(passed=[hole], failed=[other])], [], FixRoute.RELEASE_DIFF
    )
    assert (Verdict.FAILED, [other]) == (found.verdict, found.facts["still_red"])


def test_borrowed_tests_count_in_modules_that_turned_green() -> None:
    """A commit judged by its release's tests does not answer for other work of that release."""
    hole, other = "tests.test_x::test_hole", "tests.test_x.TestMore::test_other"
    borrowing = _ported()
    borrowing = replace(borrowing, fix=replace(borrowing.fix, tests_from=FixRoute.RELEASE_DIFF))
    before, after = [build.run(failed=[hole, other])], [build.run(passed=[hole], failed=[other])]
    found = security.security_test(borrowing, [], before, after, (PATH,))
    assert (Verdict.PASSED, [other]) == (found.verdict, found.facts["still_red"])


def test_green_on_both_sides_is_no_evidence() -> None:
    """A test that does not bite on the unpatched pin proves nothing."""
    hole = "tests.test_x::test_hole"
    found = _g4([build.run(passed=[hole])], [build.run(passed=[hole])], [])
    assert (Verdict.NO_EVIDENCE, [hole]) == (found.verdict, found.facts["green_before"])


def test_green_to_red_disproves_the_fix() -> None:
    """A test of the fix that the patch breaks is a failure."""
    hole, other = "tests.test_x::test_hole", "tests.test_x.TestMore::test_other"
    found = _g4([build.run(failed=[hole], passed=[other])], [build.run(passed=[hole], failed=[other])], [])
    assert Verdict.FAILED is found.verdict


def test_old_tests_of_an_unimportable_file_are_no_news() -> None:
    """Tests that passed in the unchanged suite do not count as turned green when the new file fails to import."""
    old = "tests.test_x::test_old"
    found = _g4([build.run(error=["tests.test_x::"])], [build.run(passed=[old])], [build.run(passed=[old])])
    assert (Verdict.NO_EVIDENCE, []) == (found.verdict, found.facts["turned_green"])


def test_tests_of_other_files_are_not_the_fixs() -> None:
    """Only the fix's own test files count."""
    found = _g4([build.run(failed=["tests.test_y::test_z"])], [build.run(passed=["tests.test_y::test_z"])], [])
    assert Verdict.NO_EVIDENCE is found.verdict


def test_a_flaky_security_test_does_not_prove() -> None:
    """A test that was green in one of two runs before did not fail because of the hole."""
    hole = "tests.test_x::test_hole"
    before = [build.run(failed=[hole]), build.run(passed=[hole])]
    after = [build.run(passed=[hole]), build.run(failed=[hole])]
    assert Verdict.PASSED is not _g4(before, after, []).verdict


def test_a_pin_whose_tests_fail_is_not_unaffected() -> None:
    """The fix's test decides over what the source seems to say."""
    found = security.passes_on_pin(build.CVE, [build.run(failed=["tests.test_x::test_hole"])], (PATH,))
    assert Verdict.FAILED is found.verdict


def test_a_build_without_a_wheel_fails() -> None:
    """G2 wants the artifact that people install."""
    assert decide.builds({}, ("no build backend",), ("x-1.0+avr.1.tar.gz",)).verdict is Verdict.FAILED


def test_a_rebuild_that_is_not_the_registrys_wheel_is_no_evidence() -> None:
    """A pin that is not rebuilt to what people have may come out with more changed than the patch."""
    facts: dict[str, str | int | float | list[str]] = {"unpatched_differs_from_registry": ["x/_version.py"]}
    assert decide.builds(facts, (), ("x-1.0+avr.1-py3-none-any.whl",)).verdict is Verdict.NO_EVIDENCE


def test_a_test_file_that_cannot_be_imported_after_disproves_the_fix() -> None:
    """A fix whose tests import what the backport did not bring is not complete."""
    hole = "tests.test_x::test_hole"
    found = _g4([build.run(failed=[hole])], [build.run(passed=[hole], error=["::tests.test_x"])], [])
    assert (Verdict.FAILED, ["::tests.test_x"]) == (found.verdict, found.facts["still_red"])


def test_a_test_whose_fixtures_fail_on_both_sides_says_nothing() -> None:
    """Its body never ran: a missing service or certificate is not the fix's fault, nor its proof."""
    hole, other = "tests.test_x::test_hole", "tests.test_x.TestMore::test_other"
    found = _g4([build.run(failed=[hole], error=[other])], [build.run(passed=[hole], error=[other])], [])
    assert (Verdict.PASSED, []) == (found.verdict, found.facts["still_red"])


def test_only_failing_fixtures_prove_nothing() -> None:
    """When no test of the fix could run there is no evidence."""
    hole = "tests.test_x::test_hole"
    assert Verdict.NO_EVIDENCE is _g4([build.run(error=[hole])], [build.run(error=[hole])], []).verdict


def test_a_test_that_the_fix_took_away_may_fail() -> None:
    """Upstream's own commit says that the old expectation no longer holds."""
    renamed = build.change(PATH, OLD, NEW.replace("test_old", "test_new"), ChangeKind.TEST)
    ported = build.ported(build.fix(renamed), build.hunk(PATH, kind=ChangeKind.TEST))
    old, kept = "tests.test_x::test_old", "tests.test_y::test_kept"
    before, after = [build.run(passed=[old, kept])], [build.run(failed=[old], passed=[kept])]
    found = decide.no_regression(before, after, [], None, [ported])
    assert (Verdict.PASSED, [old]) == (found.verdict, found.facts["rewritten_or_removed_by_the_fix"])


def test_a_release_difference_may_not_take_tests_away() -> None:
    """A release drops tests for other reasons than the fix."""
    renamed = build.change(PATH, OLD, NEW.replace("test_old", "test_new"), ChangeKind.TEST)
    ported = build.ported(build.fix(renamed, route=FixRoute.RELEASE_DIFF), build.hunk(PATH, kind=ChangeKind.TEST))
    old = "tests.test_x::test_old"
    before, after = [build.run(passed=[old, "t::kept"])], [build.run(failed=[old], passed=["t::kept"])]
    assert Verdict.FAILED is decide.no_regression(before, after, [], None, [ported]).verdict


def test_an_edited_test_that_fails_before_and_passes_after_proves_the_fix() -> None:
    """Its old form passed on the pin; its new form bites."""
    before_fix = "def test_resolve():\n    assert 1\n"
    edited = build.change(PATH, before_fix, before_fix.replace("assert 1", "assert closed()"), ChangeKind.TEST)
    ported = build.ported(build.fix(build.change("thing.py", "a\n", "b\n"), edited), build.hunk())
    test = "tests.test_x::test_resolve"
    baseline, before, after = [build.run(passed=[test])], [build.run(failed=[test])], [build.run(passed=[test])]
    found = security.security_test(ported, baseline, before, after, (PATH,))
    assert (Verdict.PASSED, [test]) == (found.verdict, found.facts["turned_green"])


def test_an_unedited_test_that_fails_only_beside_the_new_ones_is_no_news() -> None:
    """It passed in the unchanged suite, and the fix did not touch it."""
    old = "tests.test_x::test_old"
    found = _g4([build.run(failed=[old])], [build.run(passed=[old])], [build.run(passed=[old])])
    assert Verdict.NO_EVIDENCE is found.verdict
