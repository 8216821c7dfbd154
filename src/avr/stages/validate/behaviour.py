"""Gate G6: the public interface and what benign calls give are unchanged, and the changed lines run. Pure."""

from collections.abc import Mapping, Sequence

from avr.model.backport import HunkStatus, PortedFix
from avr.model.behaviour import ApiComparison, ChangedCall, Coverage, Difference, Observation, RanBy, Watched
from avr.model.evidence import Evidence, Verdict
from avr.model.fix import ChangeKind
from avr.model.identifiers import Gate
from avr.stages.validate.changed_tests import belongs, changed_tests, names_function, removed_tests, targets
from avr.stages.validate.repeated import SHOWN

Facts = dict[str, str | int | float | list[str]]

_OF_THE_WAY_IN = ("raises TypeError", "raises AttributeError")
"""Errors of a private function that another signature, or another inner state, explains."""


def kept(
    ported: PortedFix, api: ApiComparison, seen: Observation, all_ported: Sequence[PortedFix] | None = None
) -> Evidence:
    """G6 of one fix, from what was seen in the files that it changes.

    `all_ported` are the fixes of the whole stack, each of which may rewrite tests. What fails is a public name or
    parameter that is gone, another outcome of a public call that the suite makes, and a new internal error; a
    difference on generated inputs alone, and one that upstream's own fixed release shows as well, is told.
    """
    paths = {
        hunk.target or hunk.path
        for hunk in ported.hunks
        if hunk.kind is ChangeKind.CODE and hunk.status is HunkStatus.PLACED
    }
    mine = [each for each in seen.changed if paths & set(each.reached)]
    explained = [each for each in mine if _explained(each, all_ported or (ported,))]
    against = [each for each in mine if each not in explained and _speaks_against(each)]
    broken = [f"{each.name}: {each.what}" for each in api.breaking if each.path in paths]
    watched = [each for each in seen.watched if paths & set(each.reached)]
    changed = sum(not each.generated for each in mine)
    summary = f"no breaking change of the interface; {_counted(watched, changed)}; {_who(seen.coverage, paths)}"
    verdict, summary = _verdict(broken, against, _lacking(paths, api, seen, watched, changed), summary)
    return Evidence(
        gate=Gate.BEHAVIOUR,
        advisory=ported.advisory,
        verdict=verdict,
        summary=summary,
        facts={
            "interface_broken": broken[:SHOWN],
            "interface_changed": [
                f"{each.name}: {each.what}" for each in api.changes if each.path in paths and not each.breaking
            ][:SHOWN],
            **_line_facts(seen.coverage, paths),
            **_call_facts(watched, seen),
            "changed_against_the_fix": _told(against),
            "changed_by_rewritten_tests": _told(explained),
            "changed_as_in_upstreams_release": _told([each for each in mine if each.as_upstream]),
            "changed_to_look_at": _told(
                [each for each in mine if each not in (*explained, *against) and not each.as_upstream]
            ),
        },
        logs={},
    )


def _verdict(broken: Sequence[str], against: Sequence[ChangedCall], lacking: str, good: str) -> tuple[Verdict, str]:
    if broken:
        return Verdict.FAILED, f"the public interface is broken: {broken[0]}"
    if against:
        first = against[0]
        return Verdict.FAILED, f"a {_kind(first)} call ends otherwise ({first.difference}): {first.call} {first.after}"
    if lacking:
        return Verdict.NO_EVIDENCE, f"no evidence: {lacking}"
    return Verdict.PASSED, good


def _counted(watched: Sequence[Watched], changed: int) -> str:
    calls, functions = sum(each.recorded for each in watched), sum(bool(each.recorded) for each in watched)
    told = f"{calls - changed} recorded calls of {functions} functions end as before"
    return f"{told}, {changed} otherwise (listed)" if changed else told


def _lacking(paths: set[str], api: ApiComparison, seen: Observation, watched: Sequence[Watched], changed: int) -> str:
    """What is missing for a pass, or an empty string."""
    if unread := sorted(paths & set(api.unread)):
        return f"the interface of {unread[0]} could not be read"
    if not paths & set(api.compared):
        return "the fix changes no module whose interface could be compared"
    if seen.problem:
        return seen.problem
    if not any(each.returned for each in watched):
        return "no recorded call of a changed function, or of one that leads to it, could be compared"
    if sum(each.recorded for each in watched) <= changed:
        return "every recorded call of what changed ends otherwise"
    if not any(_ran(seen.coverage, by, paths) for by in (RanBy.TESTS, RanBy.EXPLOITS)):
        why = "; ".join(seen.coverage.problems)
        return "neither the fix's test files nor an exploit run a changed line" + (f" ({why})" if why else "")
    return ""


def _explained(call: ChangedCall, all_ported: Sequence[PortedFix]) -> bool:
    """Whether every test that makes this call is one that a fix rewrites or takes away."""
    return bool(call.tests) and all(any(_rewrites(each, test) for each in all_ported) for test in call.tests)


def _rewrites(ported: PortedFix, test: str) -> bool:
    places = targets(ported)
    known: list[Mapping[str, frozenset[str]]] = [changed_tests(ported.fix), removed_tests(ported.fix)]
    return any(
        belongs(test, places.get(path, path)) and names_function(test, names)
        for each in known
        for path, names in each.items()
    )


def _speaks_against(call: ChangedCall) -> bool:
    if call.as_upstream or call.difference in {Difference.WORDS, Difference.STATE}:
        return False
    if call.difference is Difference.INTERNAL_ERROR:
        return call.public or not call.after.startswith(_OF_THE_WAY_IN)
    return call.public and not call.generated


def _ran(coverage: Coverage, by: RanBy, paths: set[str]) -> int:
    return sum(len(lines) for path, lines in coverage.ran.get(by, {}).items() if path in paths)


def _who(coverage: Coverage, paths: set[str]) -> str:
    return f"changed lines run by {' and '.join(by.value for by in RanBy if _ran(coverage, by, paths))}"


def _line_facts(coverage: Coverage, paths: set[str]) -> Facts:
    can = {path: lines for path, lines in coverage.executable.items() if path in paths}
    ran = {(path, line) for lines in coverage.ran.values() for path, each in lines.items() for line in each}
    missed = [f"{path}:{line}" for path, lines in can.items() for line in lines if (path, line) not in ran]
    facts: Facts = {"changed_lines": sum(len(each) for each in can.values()), "changed_lines_not_run": missed[:SHOWN]}
    for by in RanBy:
        facts[f"changed_lines_run_by_{by.value.replace(chr(39), '').replace(' ', '_')}"] = _ran(coverage, by, paths)
    if coverage.tool:
        facts["measured_with"] = coverage.tool
    if coverage.problems:
        facts["not_measured"] = list(coverage.problems)
    return facts


def _call_facts(watched: Sequence[Watched], seen: Observation) -> Facts:
    return {
        "calls_recorded": sum(each.recorded for each in watched),
        "calls_generated": sum(each.generated for each in watched),
        "calls_set_aside": sum(each.set_aside for each in watched),
        "set_aside_because": [f"{why}: {count}" for why, count in sorted(seen.reasons.items())][:SHOWN],
        "functions": [
            f"{each.function}: {each.recorded} recorded, {each.generated} generated, {each.set_aside} set aside"
            for each in watched
        ][:SHOWN],
        "observed_seconds": seen.seconds,
    }


def _told(calls: Sequence[ChangedCall]) -> list[str]:
    return [f"{_kind(each)}, {each.difference}: {each.call} {each.before}; now {each.after}" for each in calls][:SHOWN]


def _kind(call: ChangedCall) -> str:
    return "generated" if call.generated else "recorded"
