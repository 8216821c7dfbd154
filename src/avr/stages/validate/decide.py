"""Gates G0 to G3: turns what was run and built into evidence. Pure; G4 is in `security`."""

from collections.abc import Mapping, Sequence

from avr.model.backport import HunkStatus, PortedFix
from avr.model.evidence import NOT_REACHED, Evidence, TestRun, TestStatus, Verdict
from avr.model.fix import ChangeKind, FixRoute
from avr.model.identifiers import Gate
from avr.stages.validate.changed_tests import belongs, names_function, removed_tests, targets
from avr.stages.validate.repeated import SHOWN, always_passed, logs


def applies(ported: PortedFix) -> Evidence:
    """G0: every security-relevant hunk of the fix has its place in the pin."""
    code = [hunk for hunk in ported.hunks if hunk.kind is ChangeKind.CODE]
    unplaced = [hunk for hunk in code if hunk.is_open]
    counts: dict[str, str | int | float | list[str]] = {
        "hunks": len(code),
        "placed": sum(hunk.status is HunkStatus.PLACED for hunk in code),
        "present": sum(hunk.status is HunkStatus.PRESENT for hunk in code),
        "unneeded": [
            f"{each.path}:{each.start}: {each.tried[-1]}" for each in code if each.status is HunkStatus.UNNEEDED
        ],
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
        summary=problems[0] if problems else "nothing new is wrong with it as far as can be seen without running it",
        facts={"problems": list(problems)},
        logs={},
    )


def builds(
    facts: Mapping[str, str | int | float | list[str]], problems: Sequence[str], artifacts: Sequence[str]
) -> Evidence:
    """G2: the unpatched pin is rebuilt to the registry's file, the patched one differs only by the patch."""
    differing = facts.get("unpatched_differs_from_registry")
    if not any(name.endswith((".whl", ".tgz")) for name in artifacts):
        verdict, summary = Verdict.FAILED, "; ".join(problems) or "nothing that installs was built"
    elif differing:
        verdict = Verdict.NO_EVIDENCE
        summary = f"the unpatched pin, rebuilt the same way, is not the registry's file: {differing}"
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
    return tuple(sorted(always_passed(before) - kept))


def flaky(before: Sequence[TestRun], after: Sequence[TestRun]) -> tuple[str, ...]:
    """Tests that passed in one run and not in another run of the same tree."""
    found: set[str] = set()
    for runs in (before, after):
        ever = {test for run in runs for test, status in run.results.items() if status is TestStatus.PASSED}
        found |= ever - always_passed(runs)
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
    rewritten = always_passed(security_after)
    missing = lost(before, after)
    explained = [test for test in missing if test in rewritten or any(_takes_away(each, test) for each in ported)]
    broken = [test for test in missing if test not in explained]
    executed = len(always_passed(before))
    reason = problem or next((run.problem for run in (*before, *after) if run.problem), "") or "no test passed before"
    unfinished = any(run.exit_code is None for run in (*before, *after))
    apart = next((run for run in before if run.parts), None)
    if not executed or unfinished:
        verdict, summary = Verdict.NO_EVIDENCE, f"no evidence: {reason}"
    elif broken:
        verdict, summary = Verdict.FAILED, f"{len(broken)} tests that passed before fail after, such as {broken[0]}"
    else:
        verdict, summary = Verdict.PASSED, f"all {executed} tests that passed before pass after{_part_of(apart)}"
    return Evidence(
        gate=Gate.NO_REGRESSION,
        verdict=verdict,
        summary=summary,
        facts={
            "passed_before": executed,
            "lost": broken[:SHOWN],
            "rewritten_or_removed_by_the_fix": explained[:SHOWN],
            "flaky_set_aside": list(flaky(before, after))[:SHOWN],
            **_apart_facts(apart),
        },
        before=tuple(before),
        after=tuple(after),
        logs=logs(before, after),
    )


def _part_of(apart: TestRun | None) -> str:
    if apart is None:
        return ""
    return f" in {len(apart.parts)} of {len(apart.parts) + len(apart.left_out)} parts of the suite"


def _apart_facts(apart: TestRun | None) -> dict[str, str | int | float | list[str]]:
    """What a reader must know of a suite that did not end as a whole."""
    if apart is None:
        return {}
    hung = [f"{piece}: {why}" for piece, why in sorted(apart.left_out.items()) if why != NOT_REACHED]
    return {
        "run_in_parts": "the suite did not end as a whole: the parts that hold a changed file or name a changed module "
        "were run first, then the others by path while time was left; settled on the unpatched pin",
        "parts_that_ended": len(apart.parts),
        "parts_not_reached": sum(why == NOT_REACHED for why in apart.left_out.values()),
        "parts_without_results": hung[:SHOWN],
    }


def _takes_away(ported: PortedFix, test: str) -> bool:
    """Whether a commit that is the fix removes this test; a release difference may remove tests for other reasons."""
    if FixRoute.RELEASE_DIFF in (ported.fix.route, ported.fix.tests_from):
        return False
    places = targets(ported)
    return any(
        belongs(test, places.get(path, path)) and names_function(test, names)
        for path, names in removed_tests(ported.fix).items()
    )
