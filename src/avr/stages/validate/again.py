"""Runs a proof again: the fix's tests and the exploits on both trees, judged by the gates' own rules."""

from collections.abc import Sequence
from concurrent.futures import Executor

from avr.ecosystems.interface import Bench
from avr.model.backport import Backport
from avr.model.evidence import Evidence
from avr.stages.validate import attacks, gather, security


def again(
    bench: Bench,
    backport: Backport,
    armoury: attacks.Armoury,
    own: Sequence[str],
    seconds: int,
    executor: Executor,
) -> tuple[Evidence, ...]:
    """Gates G4 and G5 for every fix of the backport; `own` are the paths of test files that the pin has itself."""
    launched = attacks.launch(bench, backport.pinned, backport.patched, armoury, executor)
    question = gather.Question(
        pinned=backport.pinned,
        patched=backport.patched,
        security_tests=backport.security_tests,
        suite_runs=1,
        suite_seconds=seconds,
    )
    runs = gather.security_runs(bench, question, tuple(own), executor)
    tested = (
        security.security_test(
            each,
            runs.suite_before,
            runs.security_before,
            runs.security_after,
            security.test_paths(backport, each),
        )
        for each in backport.ported
    )
    return (*tested, *(each.evidence() for each in launched))
