"""The gates: turns what was run and built into evidence. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from avr.model.backport import Backport, HunkStatus, PortedFix
from avr.model.evidence import Evidence, TestRun, TestStatus, Verdict
from avr.model.fix import ChangeKind, FixRoute
from avr.model.identifiers import AdvisoryId, Digest, Gate
from avr.stages.validate.changed_tests import belongs, changed_tests, names_function, removed_tests, uncollected

_RED = frozenset({TestStatus.FAILED, TestStatus.ERROR})
_SHOWN = 20
"""How many test names a fact lists; the runs themselves hold them all."""


def applies(ported: PortedFix) -> Evidence:
    """G0: every security-relevant hunk of the fix has its place in the pin."""
    code = [hunk for hunk in ported.hunks if hunk.kind is ChangeKind.CODE]
    unplaced = [hunk for hunk in code if hunk.status is HunkStatus.UNPLACED]
    counts: dict[str, str | int | float | list[str]] = {
        "hunks": len(code),
        "placed": sum(hunk.status is HunkStatus.PLACED for hunk in code),
        "present": sum(hunk.status is HunkStatus.PRESENT for hunk in code),
        "unplaced": [f"{hunk.path}:{hunk.start}: {'; '.join(hunk.tried)}" for hunk in unplaced],
        "rungs": sorted({hunk.rung.value for hunk in code if hunk.rung is not None}),
    }
    return Evidence(
        gate=Gate.APPLIES,
        advisory=ported.advisory,
        verdict=Verdict.PASSED if ported.complete else Verdict.FAILED,
        summary="every code hunk placed" if ported.complete else f"{len(unplaced)} of {len(code)} code hunks unplaced",
        facts=counts,
        logs={},
    )


def sound(problems: Sequence[str]) -> Evidence:
    """G1: parses on the minimum runtime, no new undefined name, no new dependency."""
    return Evidence(
        gate=Gate.SOUND,
        verdict=Verdict.FAILED if problems else Verdict.PASSED,
        summary=problems[0] if problems else "parses on the minimum runtime; no new undefined name or dependency",
        facts={"problems": list(problems)},
        logs={},
    )


def builds(
    facts: Mapping[str, str | int | float | list[str]], problems: Sequence[str], artifacts: Sequence[str]
) -> Evidence:
    """G2: the unpatched pin is rebuilt to the registry's file, the patched one differs only by the patch."""
    differing = facts.get("unpatched_differs_from_registry")
    if not any(name.endswith(".whl") for name in artifacts):
        verdict, summary = Verdict.FAILED, "; ".join(problems) or "no wheel was built"
    elif differing:
        verdict = Verdict.NO_EVIDENCE
        summary = f"the unpatched pin, rebuilt the same way, is not the registry's wheel: {differing}"
    else:
        verdict, summary = Verdict.PASSED, f"rebuilt {', '.join(artifacts)}"
    return Evidence(
        gate=Gate.BUILDS,
        verdict=verdict,
        summary=summary,
        facts={**facts, "problems": list(problems)},
        logs={},
    )


def lost(before: Sequence[TestRun], after: Sequence[TestRun]) -> tuple[str, ...]:
    """Tests that passed in every run before and passed in no run after."""
    if not before or not after:
        return ()
    kept = {test for run in after for test, status in run.results.items() if status is TestStatus.PASSED}
    return tuple(sorted(_always_passed(before) - kept))


def _always_passed(runs: Sequence[TestRun]) -> set[str]:
    passed = [{test for test, status in run.results.items() if status is TestStatus.PASSED} for run in runs]
    return set.intersection(*passed) if passed else set()


def flaky(before: Sequence[TestRun], after: Sequence[TestRun]) -> tuple[str, ...]:
    """Tests that passed in one run and not in another run of the same tree."""
    found: set[str] = set()
    for runs in (before, after):
        ever = {test for run in runs for test, status in run.results.items() if status is TestStatus.PASSED}
        found |= ever - _always_passed(runs)
    return tuple(sorted(found))


def no_regression(
    before: Sequence[TestRun],
    after: Sequence[TestRun],
    security_after: Sequence[TestRun],
    problem: str | None,
    ported: Sequence[PortedFix] = (),
) -> Evidence:
    """G3: nothing that passed before fails after, and at least one test was executed.

    A test that upstream's fix itself rewrote is judged in its rewritten form: where that passes, the old form may fail.
    So may one that upstream's fix took away; both are listed by name.
    """
    rewritten = _always_passed(security_after)
    missing = lost(before, after)
    explained = [test for test in missing if test in rewritten or any(_takes_away(each, test) for each in ported)]
    broken = [test for test in missing if test not in explained]
    executed = len(_always_passed(before))
    reason = problem or next((run.problem for run in (*before, *after) if run.problem), "") or "no test passed before"
    unfinished = any(run.exit_code is None for run in (*before, *after))
    if not executed or unfinished:
        verdict, summary = Verdict.NO_EVIDENCE, f"no evidence: {reason}"
    elif broken:
        verdict, summary = Verdict.FAILED, f"{len(broken)} tests that passed before fail after, such as {broken[0]}"
    else:
        verdict, summary = Verdict.PASSED, f"all {executed} tests that passed before pass after"
    return Evidence(
        gate=Gate.NO_REGRESSION,
        verdict=verdict,
        summary=summary,
        facts={
            "passed_before": executed,
            "lost": broken[:_SHOWN],
            "rewritten_or_removed_by_the_fix": explained[:_SHOWN],
            "flaky_set_aside": list(flaky(before, after))[:_SHOWN],
        },
        before=tuple(before),
        after=tuple(after),
        logs=_logs(before, after),
    )


def _takes_away(ported: PortedFix, test: str) -> bool:
    """Whether a commit that is the fix removes this test; a release difference may remove tests for other reasons."""
    if FixRoute.RELEASE_DIFF in (ported.fix.route, ported.fix.tests_from):
        return False
    targets = _targets(ported)
    return any(
        belongs(test, targets.get(path, path)) and names_function(test, names)
        for path, names in removed_tests(ported.fix).items()
    )


def _logs(before: Sequence[TestRun], after: Sequence[TestRun]) -> dict[str, Digest]:
    named = [(f"before-{n}", run) for n, run in enumerate(before, 1)]
    named += [(f"after-{n}", run) for n, run in enumerate(after, 1)]
    return {name: run.log for name, run in named if run.log is not None}


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
    passed_at_first, red_at_first = _always_passed(baseline), _always_red(baseline)
    names = _names_by_target(ported, paths)
    green, red = _always_passed(after), _sometimes_red(after)
    was_green = _always_passed(before)
    mine = {test for test in green | red if any(belongs(test, path) for path in names)}
    changed = {
        test for test in mine if any(belongs(test, path) and names_function(test, names[path]) for path in names)
    }
    edited_and_red = changed & _always_red(before)
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
    targets = _targets(ported)
    known = {targets.get(path, path): names for path, names in changed_tests(ported.fix).items()}
    return {path: names for path, names in known.items() if path in paths}


def _targets(ported: PortedFix) -> dict[str, str]:
    """Where the fix's test files lie in the pin, by their upstream paths."""
    return {hunk.path: hunk.target for hunk in ported.hunks if hunk.kind is ChangeKind.TEST and hunk.target}


def _always_red(runs: Sequence[TestRun]) -> set[str]:
    red = [{test for test, status in run.results.items() if status in _RED} for run in runs]
    return set.intersection(*red) if red else set()


def _sometimes_red(runs: Sequence[TestRun]) -> set[str]:
    return {test for run in runs for test, status in run.results.items() if status in _RED}


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
            "green_before": list(found.green_before)[:_SHOWN],
        },
        before=tuple(before),
        after=tuple(after),
        logs=_logs(before, after),
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
    red = sorted({test for test, status in mine if status in _RED})
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
        facts={"passed": passed[:_SHOWN], "failed": red[:_SHOWN]},
        before=tuple(before),
        logs=_logs(before, ()),
    )


def test_paths(backport: Backport, ported: PortedFix) -> tuple[str, ...]:
    """Paths of this fix's tests as they were ported onto the pin."""
    targets = {hunk.target or hunk.path for hunk in ported.hunks if hunk.kind is ChangeKind.TEST}
    targets |= {change.path for change in ported.fix.of_kind(ChangeKind.TEST)}
    return tuple(sorted(targets & backport.security_tests.keys()))
