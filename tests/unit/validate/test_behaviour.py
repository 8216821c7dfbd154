"""Gate G6: what was seen of behaviour becomes evidence."""

from dataclasses import replace

import pytest

from avr.model.backport import PortedFix
from avr.model.behaviour import (
    ApiChange,
    ApiComparison,
    ChangedCall,
    Coverage,
    Difference,
    Observation,
    RanBy,
    Watched,
)
from avr.model.evidence import Verdict
from avr.model.fix import ChangeKind
from avr.stages.validate.behaviour import kept
from avr.testing import build

TEST = "tests/test_thing.py"
OLD = "def test_a():\n    cut('a')\n\ndef test_gone():\n    cut('b')\n"
NEW = "def test_a():\n    cut('A')\n\ndef test_new():\n    cut('c')\n"
PORTED: PortedFix = build.ported(
    build.fix(build.change("thing.py", "a\n", "b\n"), build.change(TEST, OLD, NEW, ChangeKind.TEST)),
    build.hunk(),
    build.hunk(TEST, kind=ChangeKind.TEST),
)
API = ApiComparison(compared=("thing.py",))
WATCHED = Watched(
    function="thing.cut", public=True, reached=("thing.py",), recorded=3, returned=3, generated=9, set_aside=1
)
COVERAGE = Coverage(
    tool="coverage.py 7",
    executable={"thing.py": [1, 2]},
    ran={RanBy.TESTS: {"thing.py": [1]}, RanBy.SUITE: {"thing.py": [1]}},
)
SEEN = Observation(coverage=COVERAGE, watched=(WATCHED,))
CALL = ChangedCall(
    function="thing.cut",
    call="thing.cut('a')",
    before="gives 'a'",
    after="gives 'b'",
    difference=Difference.RESULT,
    public=True,
    generated=False,
    tests=("tests.test_other::test_b",),
    reached=("thing.py",),
)


def test_unchanged_behaviour_passes() -> None:
    """An interface that holds, calls that end as before, a changed line that a test of the fix runs."""
    found = kept(PORTED, API, SEEN)
    assert (Verdict.PASSED, 3, 9, ["thing.py:2"]) == (
        found.verdict,
        found.facts["calls_recorded"],
        found.facts["calls_generated"],
        found.facts["changed_lines_not_run"],
    )


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, Verdict.FAILED),
        ({"difference": Difference.EXCEPTION}, Verdict.FAILED),
        ({"difference": Difference.HANGS}, Verdict.FAILED),
        ({"difference": Difference.WORDS}, Verdict.PASSED),
        ({"generated": True}, Verdict.PASSED),
        ({"public": False}, Verdict.PASSED),
        ({"difference": Difference.INTERNAL_ERROR, "generated": True}, Verdict.FAILED),
        ({"difference": Difference.INTERNAL_ERROR, "public": False, "after": "raises NameError: x"}, Verdict.FAILED),
        ({"difference": Difference.INTERNAL_ERROR, "public": False, "after": "raises TypeError: x"}, Verdict.PASSED),
        ({"tests": ("tests.test_thing::test_a",)}, Verdict.PASSED),
        ({"tests": ("tests.test_thing::test_gone",)}, Verdict.PASSED),
        ({"tests": ("tests.test_thing::test_a", "tests.test_other::test_b")}, Verdict.FAILED),
        ({"tests": ()}, Verdict.FAILED),
        ({"reached": ("other.py",)}, Verdict.PASSED),
        ({"as_upstream": True}, Verdict.PASSED),
        ({"as_upstream": True, "difference": Difference.INTERNAL_ERROR}, Verdict.PASSED),
    ],
)
def test_a_changed_call(change: dict[str, object], verdict: Verdict) -> None:
    """A benign call of the suite counts, unless the fix rewrites every test that makes it; slips always count."""
    call = replace(CALL, **change)  # type: ignore[arg-type]  # the fields are those of the call
    assert verdict is kept(PORTED, API, replace(SEEN, changed=(call,))).verdict


def test_a_call_that_ends_as_in_upstreams_release_is_told() -> None:
    """It has a list of its own, for a person to read."""
    found = kept(PORTED, API, replace(SEEN, changed=(replace(CALL, as_upstream=True),)))
    told = ["recorded, another result: thing.cut('a') gives 'a'; now gives 'b'"]
    assert (told, []) == (found.facts["changed_as_in_upstreams_release"], found.facts["changed_to_look_at"])


@pytest.mark.parametrize(
    ("breaking", "path", "verdict"),
    [(True, "thing.py", Verdict.FAILED), (False, "thing.py", Verdict.PASSED), (True, "other.py", Verdict.PASSED)],
)
def test_a_broken_interface_fails(breaking: bool, path: str, verdict: Verdict) -> None:
    """Of a file that this fix changes; another fix answers for its own files."""
    change = ApiChange(path=path, name="thing.cut", what="Public object was removed", breaking=breaking)
    assert verdict is kept(PORTED, replace(API, changes=(change,)), SEEN).verdict


@pytest.mark.parametrize(
    ("api", "seen"),
    [
        (ApiComparison(), SEEN),
        (ApiComparison(unread=("thing.py",)), SEEN),
        (API, replace(SEEN, problem="no suite")),
        (API, replace(SEEN, watched=())),
        (API, replace(SEEN, watched=(replace(WATCHED, returned=0),))),
        (API, replace(SEEN, watched=(replace(WATCHED, reached=("other.py",)),))),
        (API, replace(SEEN, coverage=Coverage(problems=("no coverage.py",)))),
        (API, replace(SEEN, coverage=replace(COVERAGE, ran={RanBy.SUITE: {"thing.py": [1]}}))),
        (API, replace(SEEN, coverage=replace(COVERAGE, ran={RanBy.TESTS: {"other.py": [1]}}))),
    ],
)
def test_nothing_to_see_is_no_evidence(api: ApiComparison, seen: Observation) -> None:
    """No part of a pass may be missing."""
    found = kept(PORTED, api, seen)
    assert (Verdict.NO_EVIDENCE, True) == (found.verdict, found.summary.startswith("no evidence: "))


def test_what_is_seen_counts_even_where_something_is_missing() -> None:
    """A difference speaks against the fix whether or not its lines were measured."""
    seen = replace(SEEN, coverage=Coverage(), changed=(CALL,))
    assert Verdict.FAILED is kept(PORTED, API, seen).verdict
