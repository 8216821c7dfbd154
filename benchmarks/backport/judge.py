"""Says what an attempt is worth: the maintainers' tests decide where they run, their own backport where they do not."""

import subprocess
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from avr.errors import AvrError
from benchmarks.backport.attempt import Attempt
from benchmarks.backport.cases import Case
from benchmarks.backport.compare import Closeness, closeness
from benchmarks.backport.execute import Changes
from benchmarks.backport.trees import content

Verdict = Literal["resolved", "wrong", "same", "unknown", "incomplete"]
"""`resolved`, `wrong`: complete, and the tests pass or do not. `same`, `unknown`: complete, nothing can be executed,
and the result is identical or equal by syntax to the maintainers' own, or differs. `incomplete`: a conflict or nothing.
"""


class Executor(Protocol):
    """Whatever can execute the tests of a case, `Suite` in earnest."""

    def results(self, case: Case, changes: Changes, *, again: int = 0) -> dict[str, bool]:
        """Whether each test passed on the base with these changes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Harness:
    """Whether the tests of a case tell the fixed from the unfixed tree here: `why` is empty where they do.

    `must` are the tests that fail before and pass after the maintainers' backport, `keep` those that pass on both.
    """

    why: str
    must: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdict, how close the result is, and the first tests or files that speak against it."""

    verdict: Verdict
    closeness: Closeness | Literal[""]
    against: tuple[str, ...] = ()


def check_harness(case: Case, suite: Executor | None) -> Harness:
    """Run the maintainers' tests on their own backport, which must resolve, and on the bare base, which must not."""
    if suite is None:
        return Harness(why="tests switched off")
    if case.expected.runnable is None:
        return Harness(why="no suite known to run")
    try:
        after = suite.results(case, _answer(case))
        before = suite.results(case, {})
    except (AvrError, OSError, subprocess.SubprocessError) as error:
        return Harness(why=f"cannot be prepared: {error}"[:300])
    named = case.expected.runnable.fail_to_pass
    must = frozenset(name for name in named if after.get(name) and not before.get(name))
    if not after:
        return Harness(why="no test ran on the maintainers' own backport")
    if not must:
        passing = sum(after.get(name, False) for name in named)
        return Harness(why=f"none of {len(named)} tests fails before and passes after ({passing} pass after)")
    return Harness(why="", must=must, keep=frozenset(name for name, ok in after.items() if ok and before.get(name)))


def judge(case: Case, attempt: Attempt, harness: Harness, suite: Executor | None) -> Judged:
    """What the attempt is worth; tests that only must keep passing get a second run before they speak against it."""
    if attempt.placed != "complete":
        return Judged(verdict="incomplete", closeness="", against=(attempt.why,) if attempt.why else ())
    at = partial(content, case.task.repository)
    task, expected = case.task, case.expected
    close, different = closeness(
        attempt.changes, partial(at, task.base), partial(at, expected.target_commit), expected.code
    )
    if harness.why or suite is None:
        verdict: Verdict = "unknown" if close == "different" else "same"
        return Judged(verdict=verdict, closeness=close, against=different)
    failing = _failing(suite.results(case, attempt.changes), harness)
    if failing and not failing & harness.must:
        failing &= _failing(suite.results(case, attempt.changes, again=1), harness)
    against = (*sorted(failing & harness.must), *sorted(failing - harness.must))[:12]
    return Judged(verdict="wrong" if failing else "resolved", closeness=close, against=against)


def _answer(case: Case) -> Changes:
    target = case.expected.target_commit
    return {path: content(case.task.repository, target, path) for path in case.expected.code}


def _failing(found: dict[str, bool], harness: Harness) -> frozenset[str]:
    return frozenset(name for name in harness.must | harness.keep if not found.get(name))
