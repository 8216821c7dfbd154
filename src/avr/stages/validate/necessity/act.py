"""Takes the parts of a backport away one by one, plants mutants, and runs the security tests on each such tree."""

import importlib.util
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from avr.ecosystems.interface import Bench, TestRequest
from avr.model.evidence import Evidence, TestStatus
from avr.model.exploit import Exploit
from avr.model.source import SourceTree
from avr.stages.validate.necessity.decide import Outcome, Tried, examined, unfit
from avr.stages.validate.necessity.pieces import Piece, pieces

if TYPE_CHECKING:
    from avr.stages.validate.necessity.mutants import Mutant

NO_MUTANTS = "none were made: install avr-factory[mutants]"
TRIAL_SECONDS = 40
"""The time limit of the tests on one tree, and of one exploit."""
TRIAL_TEST_SECONDS = 10
"""The time limit of one test: without a hunk a hole may hang again."""

Problems = Callable[[SourceTree, SourceTree], Sequence[str]]
"""What the second tree breaks that the first did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """What has to notice: the security tests that turned green with all files they need, and the blocked exploits."""

    paths: tuple[str, ...]
    tests: Mapping[str, bytes]
    turned_green: tuple[str, ...]
    exploits: tuple[Exploit, ...]
    foreign: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """By path the lines of the patched tree at which hunks stand that upstream did not write."""

    @property
    def functions(self) -> tuple[str, ...]:
        """The names of the functions that turned green; none where one has no plain name."""
        names = {each.partition("::")[2].partition("[")[0] for each in self.turned_green}
        return tuple(sorted(names)) if all(each.isidentifier() for each in names) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much may be spent: seconds of wall time for everything, and the number of mutants."""

    seconds: float
    mutants: int


def necessity(
    bench: Bench,
    trees: tuple[SourceTree, SourceTree],
    exam: Exam,
    problems: Problems,
    bounds: Bounds,
    executor: Executor,
) -> Evidence:
    """Evidence on the parts of a backport whose security tests passed; `trees` are the pinned and the patched one.

    First comes the patched tree as it is, which has to pass. Then all trees are tried at once on `executor`, removals
    first; what has not begun when the time is over is left out.
    """
    pinned, patched = trees
    started = time.monotonic()
    room = _Room(bench=bench, exam=exam, end=started + bounds.seconds, only=exam.functions)
    control = room.tried("nothing", patched)
    if control.outcome is Outcome.NOTICED and room.only:  # they may lean on their neighbours
        room = replace(room, only=())
        control = room.tried("nothing", patched)
    if control.outcome is Outcome.NOTICED:
        return unfit(control.by, foreign=bool(exam.foreign))
    parts = pieces(pinned, patched)
    removing = [executor.submit(room.removed, patched, each, problems) for each in parts] if len(parts) > 1 else []
    chosen, left_out = _mutants(patched, parts, bounds.mutants)
    mutated = [executor.submit(room.tried, each.name, patched.replacing({each.path: each.content})) for each in chosen]
    removals = [each.result() for each in removing] or [_as_on_the_pin(each, exam) for each in parts]
    whole = room.tried("everything", pinned) if _nothing_noticed(removals) else None
    found = [each.result() for each in mutated]
    shown = examined(removals, found, left_out, whole, time.monotonic() - started)
    return shown if can_mutate() else replace(shown, facts={**shown.facts, "mutants": NO_MUTANTS})


def _mutants(patched: SourceTree, parts: Sequence[Piece], most: int) -> tuple[Sequence["Mutant"], int]:
    """The mutants to try and how many were left out; none where the extra that makes them is not installed."""
    if not can_mutate():
        return (), 0
    from avr.stages.validate.necessity.mutants import mutants  # slow to import

    return mutants(patched, parts, most)


def can_mutate() -> bool:
    """Whether mutants can be made: they need the extra `mutants`."""
    return all(importlib.util.find_spec(name) is not None for name in ("libcst", "mutmut"))


def _as_on_the_pin(piece: Piece, exam: Exam) -> Tried:
    """The removal of the only part gives the pin, where the tests were red and the exploit fired."""
    first = next(iter((*exam.turned_green, *(each.name for each in exam.exploits))), "")
    return Tried(name=piece.name, outcome=Outcome.NOTICED, by=f"as on the pin: {first}")


def _nothing_noticed(removals: Sequence[Tried]) -> bool:
    """Whether parts were taken away and nobody noticed any."""
    outcomes = {each.outcome for each in removals}
    return Outcome.UNNOTICED in outcomes and Outcome.NOTICED not in outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """Where trials are held, until `end` on the monotonic clock."""

    bench: Bench
    exam: Exam
    end: float
    only: tuple[str, ...]

    def removed(self, patched: SourceTree, piece: Piece, problems: Problems) -> Tried:
        """The patched tree without one part."""
        if time.monotonic() >= self.end:
            return Tried(name=piece.name, outcome=Outcome.NOT_RUN)
        tree = patched.replacing({piece.path: piece.without})
        broken = problems(patched, tree)
        if broken:
            return Tried(name=piece.name, outcome=Outcome.USED, by=broken[0])
        foreign = self.exam.foreign.get(piece.path, frozenset())
        return replace(self.tried(piece.name, tree), foreign=not foreign.isdisjoint(piece.lines | {piece.first}))

    def tried(self, name: str, tree: SourceTree) -> Tried:
        """Tests first, then exploits, until one notices."""
        if time.monotonic() >= self.end:
            return Tried(name=name, outcome=Outcome.NOT_RUN)
        unclear = ""
        for outcome, by in self._asked(tree):
            if outcome is Outcome.NOTICED:
                return Tried(name=name, outcome=outcome, by=by)
            unclear = unclear or by
        return Tried(name=name, outcome=Outcome.UNCLEAR if unclear else Outcome.UNNOTICED, by=unclear)

    def _asked(self, tree: SourceTree) -> Iterator[tuple[Outcome, str]]:
        """The tests' answer and each exploit's; nobody runs before its answer is wanted."""
        if self.exam.paths:
            yield self._tested(tree)
        for each in self.exam.exploits:
            yield self._attacked(tree, each)

    def _tested(self, tree: SourceTree) -> tuple[Outcome, str]:
        request = TestRequest(
            paths=self.exam.paths, seconds=TRIAL_SECONDS, test_seconds=TRIAL_TEST_SECONDS, only=self.only
        )
        run = self.bench.run(tree, self.exam.tests, request)
        red = [each for each in self.exam.turned_green if run.results.get(each) is not TestStatus.PASSED]
        if run.exit_code is None and not run.problem.startswith("timeout"):
            return Outcome.UNCLEAR, run.problem
        return (Outcome.NOTICED, red[0]) if red else (Outcome.UNNOTICED, "")

    def _attacked(self, tree: SourceTree, exploit: Exploit) -> tuple[Outcome, str]:
        shorter = replace(exploit, seconds=min(exploit.seconds, TRIAL_SECONDS))
        run = self.bench.run(tree, {}, TestRequest(seconds=shorter.seconds, exploit=shorter))
        match run.results.get(exploit.name):
            case TestStatus.FAILED:
                return Outcome.NOTICED, f"{exploit.name} fires"
            case TestStatus.PASSED:
                return Outcome.UNNOTICED, ""
            case _:
                return Outcome.UNCLEAR, f"{exploit.name}: {run.problem[:200] or 'no verdict'}"
