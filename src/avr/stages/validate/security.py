"""G4: how the fix's own tests changed colour, and what that says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from avr.model.backport import Backport, PortedFix
from avr.model.evidence import Evidence, TestRun, TestStatus, Verdict
from avr.model.fix import ChangeKind, FixRoute
from avr.model.identifiers import AdvisoryId, Gate
from avr.stages.validate.changed_tests import belongs, changed_tests, names_function, targets, uncollected
from avr.stages.validate.repeated import RED, SHOWN, always_passed, always_red, logs, sometimes_red


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityTests:
    """How the fix's tests changed colour: the tests of one advisory, by id."""

    turned_green: tuple[str, ...]
    still_red: tuple[str, ...]
    turned_red: tuple[str, ...]
    green_before: tuple[str, ...]


def colours(
    ported: PortedFix,
    baseline: Sequence[TestRun],
    before: Sequence[TestRun],
    after: Sequence[TestRun],
    paths: Sequence[str],
) -> SecurityTests:
    """Sort the tests in the fix's test files by what they did before and after.

    `baseline` are the runs of the unchanged suite on the pin: a test that passed there is no news when it passes
    after, unless the fix edited it and the edited form ran and failed before; and one that was red there already is not
    held against the fix.
    """
    passed_at_first, red_at_first = always_passed(baseline), always_red(baseline)
    names = _names_by_target(ported, paths)
    green, red = always_passed(after), sometimes_red(after)
    was_green = always_passed(before)
    mine = {test for test in green | red if any(belongs(test, path) for path in names)}
    changed = {
        test for test in mine if any(belongs(test, path) and names_function(test, names[path]) for path in names)
    }
    edited_and_red = changed & always_red(before)
    changed -= _never_set_up(before, after)
    changed |= {test for test in red if any(uncollected(test, path) for path in names)}
    return SecurityTests(
        turned_green=tuple(sorted((mine & green) - was_green - (passed_at_first - edited_and_red))),
        still_red=tuple(sorted((changed & red) - was_green - red_at_first)),
        turned_red=tuple(sorted(mine & red & was_green)),
        green_before=tuple(sorted(changed & green & was_green)),
    )


def _never_set_up(before: Sequence[TestRun], after: Sequence[TestRun]) -> set[str]:
    """Tests whose fixtures failed in every run on both sides: their bodies never ran, so they say nothing here."""
    runs = [*before, *after]
    errors = [{test for test, status in run.results.items() if status is TestStatus.ERROR} for run in runs]
    return set.intersection(*errors) if before and after else set()


def _names_by_target(ported: PortedFix, paths: Sequence[str]) -> dict[str, frozenset[str]]:
    """Changed functions by the path of the ported test file, which may lie in another folder than upstream's."""
    places = targets(ported)
    known = {places.get(path, path): names for path, names in changed_tests(ported.fix).items()}
    return {path: names for path, names in known.items() if path in paths}


def security_test(
    ported: PortedFix,
    baseline: Sequence[TestRun],
    before: Sequence[TestRun],
    after: Sequence[TestRun],
    paths: Sequence[str],
) -> Evidence:
    """G4: the fix's own tests fail before and pass after, and none of them is left failing."""
    found = colours(ported, baseline, before, after, paths)
    blocking = _blocking(ported, found)
    if not before or not after:
        verdict, summary = Verdict.NO_EVIDENCE, "no test of the fix could be run on this pin"
    elif any(run.exit_code is None for run in after):
        verdict, summary = Verdict.NO_EVIDENCE, "the fix's tests did not end within the time limit on the patched pin"
    elif blocking or found.turned_red:
        culprit = (*blocking, *found.turned_red)[0]
        verdict, summary = Verdict.FAILED, f"a test of the fix still fails on the patched pin: {culprit}"
    elif not found.turned_green:
        verdict, summary = Verdict.NO_EVIDENCE, "no test of the fix fails before and passes after"
    else:
        count = len(found.turned_green)
        verdict, summary = Verdict.PASSED, f"{count} tests of the fix fail before and pass after"
    return Evidence(
        gate=Gate.SECURITY_TEST,
        advisory=ported.advisory,
        verdict=verdict,
        summary=summary,
        facts={
            "turned_green": list(found.turned_green),
            "still_red": list(found.still_red),
            "turned_red": list(found.turned_red),
            "green_before": list(found.green_before)[:SHOWN],
        },
        before=tuple(before),
        after=tuple(after),
        logs=logs(before, after),
    )


def _blocking(ported: PortedFix, found: SecurityTests) -> tuple[str, ...]:
    """Tests left red that speak against the fix.

    The tests of a commit are all its own, and an isolated release difference answers for every test of its release:
    one left red may be the test of what was left out. Where a commit's code is judged by tests borrowed from a release,
    those also cover other work: only modules with a test that turned green are taken to belong to the fix.
    """
    if ported.fix.tests_from is not FixRoute.RELEASE_DIFF:
        return found.still_red
    modules = {test.partition("::")[0] for test in found.turned_green}
    return tuple(test for test in found.still_red if test.partition("::")[0] in modules)


def passes_on_pin(advisory: AdvisoryId, before: Sequence[TestRun], paths: Sequence[str]) -> Evidence:
    """G4 for a pin that is said not to be affected: the fix's own tests pass on it as it is."""
    results = [(test, status) for run in before for test, status in run.results.items()]
    mine = [(test, status) for test, status in results if any(belongs(test, path) for path in paths)]
    red = sorted({test for test, status in mine if status in RED})
    passed = sorted({test for test, status in mine if status is TestStatus.PASSED} - set(red))
    if red:
        verdict, summary = Verdict.FAILED, f"a test of the fix fails on the unpatched pin: {red[0]}"
    elif passed:
        verdict, summary = Verdict.PASSED, f"{len(passed)} tests of the fix pass on the unpatched pin"
    else:
        verdict, summary = Verdict.NO_EVIDENCE, "no test of the fix could be run on this pin"
    return Evidence(
        gate=Gate.SECURITY_TEST,
        advisory=advisory,
        verdict=verdict,
        summary=summary,
        facts={"passed": passed[:SHOWN], "failed": red[:SHOWN]},
        before=tuple(before),
        logs=logs(before, ()),
    )


def test_paths(backport: Backport, ported: PortedFix) -> tuple[str, ...]:
    """Paths of this fix's tests as they were ported onto the pin."""
    targets = {hunk.target or hunk.path for hunk in ported.hunks if hunk.kind is ChangeKind.TEST}
    targets |= {change.path for change in ported.fix.of_kind(ChangeKind.TEST)}
    return tuple(sorted(targets & backport.security_tests.keys()))
