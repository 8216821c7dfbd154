"""Verdicts: the maintainers' tests decide where they can be executed, closeness decides elsewhere."""

from collections.abc import Mapping

import pytest
from benchmarks.backport.attempt import Attempt
from benchmarks.backport.cases import Case
from benchmarks.backport.judge import Harness, check_harness, judge

BASE, ANSWER = {"a:1": False, "a:2": True, "a:3": True}, {"a:1": True, "a:2": True, "a:3": False}


class Runs:
    """Answers in turn, whatever is asked."""

    def __init__(self, *answers: Mapping[str, bool]) -> None:
        self.answers = list(answers)

    def results(self, case: Case, changes: Mapping[str, bytes | None], *, again: int = 0) -> dict[str, bool]:
        """The next answer."""
        assert case.id, (changes, again)
        return dict(self.answers.pop(0))


def _attempt(changes: dict[str, bytes | None]) -> Attempt:
    return Attempt(
        tool="t",
        placed="complete" if changes else "none",
        changes=changes,
        seconds=0,
        cpu=0,
        why="" if changes else "no",
    )


def test_the_harness_is_tried_on_the_answer_and_on_the_base(case: Case) -> None:
    """Tests that tell both apart must pass; those that pass on both must go on passing."""
    assert Harness(why="", must=frozenset({"a:1"}), keep=frozenset({"a:2"})) == check_harness(case, Runs(ANSWER, BASE))


@pytest.mark.parametrize(
    ("runs", "why"),
    [
        (Runs(ANSWER, ANSWER), "none of 1 tests fails before and passes after (1 pass after)"),
        (Runs(BASE, BASE), "none of 1 tests fails before and passes after (0 pass after)"),
        (Runs({}, {}), "no test ran on the maintainers' own backport"),
        (None, "tests switched off"),
    ],
)
def test_a_case_that_tells_nothing_apart_is_named(case: Case, runs: Runs | None, why: str) -> None:
    """It is not executable here, with the reason."""
    assert why == check_harness(case, runs).why


def test_tests_decide(case: Case) -> None:
    """A result that differs from the maintainers' may be resolved; one that looks alike may be wrong."""
    harness = Harness(why="", must=frozenset({"a:1"}), keep=frozenset({"a:2"}))
    good = judge(case, _attempt({"lib.py": b"x = 1\n"}), harness, Runs(ANSWER))
    bad = judge(case, _attempt({"lib.py": b"x = 1\n"}), harness, Runs(BASE))
    assert ("resolved", "different", ()) == (good.verdict, good.closeness, good.against)
    assert ("wrong", ("a:1",)) == (bad.verdict, bad.against)


def test_a_test_that_fails_once_in_a_while_does_not_speak_against_a_result(case: Case) -> None:
    """Tests that must keep passing are asked twice."""
    harness = Harness(why="", must=frozenset({"a:1"}), keep=frozenset({"a:2"}))
    shaky = {"a:1": True, "a:2": False}
    assert "resolved" == judge(case, _attempt({"lib.py": b""}), harness, Runs(shaky, ANSWER)).verdict
    assert "wrong" == judge(case, _attempt({"lib.py": b""}), harness, Runs(shaky, shaky)).verdict


def test_without_tests_only_the_same_is_the_same(case: Case) -> None:
    """What differs is unknown, never guessed; what is not complete is never more than that."""
    harness = Harness(why="no suite known to run")
    answer = judge(case, _attempt({"lib.py": b"x = 1\n"}), harness, None)
    nothing = judge(case, _attempt({}), harness, None)
    assert ("unknown", "different", ("lib.py",)) == (answer.verdict, answer.closeness, answer.against)
    assert ("incomplete", ("no",)) == (nothing.verdict, nothing.against)
