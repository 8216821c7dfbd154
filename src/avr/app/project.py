"""Runs the tests of the user's own project with the pinned packages and with the patched ones in their place."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from avr.app.judge import Limits
from avr.ecosystems.interface import Bench, TestRequest
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.evidence import Evidence, TestRun
from avr.model.release import Release
from avr.model.source import SourceTree
from avr.stages.validate import decide

Benches = Callable[[SourceTree, Sequence[Component], Sequence[Release], Path], tuple[Bench, Bench]]
"""The benches of a project with its pins and with releases, whose wheels lie in a folder, in their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """The user's project, its pins, and how its tests are run."""

    tree: SourceTree
    pins: tuple[Component, ...]
    benches: Benches
    limits: Limits


def check(consumer: Consumer, releases: Sequence[Release], wheels: Path, executor: Executor) -> Evidence:
    """The evidence of gate G3 for the project: nothing that passed with the pins fails with the releases.

    Where nothing can be run there is no evidence, with the reason.
    """
    try:
        before, after = consumer.benches(consumer.tree, consumer.pins, releases, wheels)
    except AvrError as error:
        return decide.no_regression((), (), (), f"{error.message} [{error.code}]")
    problem = before.problem or after.problem
    if problem is not None:
        return decide.no_regression((), (), (), problem)
    request = TestRequest(seconds=consumer.limits.suite_seconds)

    def run(bench: Bench) -> TestRun:
        return bench.run(consumer.tree, {}, request)

    first = [executor.submit(run, before) for _ in range(consumer.limits.suite_runs)]
    later = [run(after)]
    earlier = [each.result() for each in first]
    if decide.lost(earlier, later):
        later.append(run(after))
    return decide.no_regression(earlier, later, (), None)
