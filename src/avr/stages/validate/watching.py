"""Sees how a package behaves on both sides of a backport, at once with the other gates."""

from collections.abc import Callable
from concurrent.futures import Executor, Future

from avr.ecosystems.interface import Bench, FixedRelease, Observer, Watch
from avr.errors import AvrError
from avr.model.backport import Backport
from avr.model.behaviour import ApiComparison, Observation
from avr.model.evidence import Evidence
from avr.model.source import SourceTree
from avr.stages.validate import behaviour
from avr.stages.validate.attacks import Armoury

Interface = Callable[[SourceTree, SourceTree], ApiComparison]
"""Compares the public interface of two trees."""
Watching = Callable[[], tuple[Evidence, ...]]
"""Waits for what is under way and judges it: gate G6 of every fix."""


def launch(
    bench: Bench,
    interface: Interface,
    backport: Backport,
    armoury: Armoury,
    seconds: int,
    executor: Executor,
    fixed: FixedRelease | None = None,
) -> Watching:
    """Start watching on `executor`; a bench that cannot watch gives no evidence at all.

    `seconds` limits each of the runs.
    """
    if not isinstance(bench, Observer) or bench.problem is not None or seconds < 1:
        return tuple
    watch = Watch(
        pinned=backport.pinned,
        patched=backport.patched,
        tests=backport.security_tests,
        exploits=tuple(each for known in armoury.values() for each in known),
        seconds=seconds,
        fixed=fixed,
    )
    seen: Future[Observation] = executor.submit(_observed, bench, watch)

    def judged() -> tuple[Evidence, ...]:
        api, observation = interface(backport.pinned, backport.patched), seen.result()
        return tuple(behaviour.kept(each, api, observation, backport.ported) for each in backport.ported)

    return judged


def _observed(bench: Observer, watch: Watch) -> Observation:
    try:
        return bench.observe(watch)
    except AvrError as error:
        return Observation(problem=f"{error.message} [{error.code}]")
