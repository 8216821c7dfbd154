"""Watching goes on beside the other gates, and costs nothing where a bench cannot watch."""

from concurrent.futures import ThreadPoolExecutor

from avr.ecosystems.interface import Watch
from avr.errors import AvrError
from avr.model.behaviour import ApiComparison, Observation
from avr.model.evidence import Verdict
from avr.stages.validate import watching
from avr.testing import build
from avr.testing.tiny import PATCHED, REPAIRED, TREE, VULNERABLE, TinyBench

CODE = "src/thing/__init__.py"
FIX = build.fix(build.change(CODE, VULNERABLE, REPAIRED))
BACKPORT = build.backport(TREE, PATCHED, build.ported(FIX, build.hunk(CODE)), tests={})


class Watcher(TinyBench):
    """A bench whose index cannot be reached."""

    def observe(self, watch: Watch) -> Observation:
        """Never comes to an end."""
        raise AvrError("registry.unreachable", f"no answer after {watch.seconds} s", hint="try again")


def judged(bench: TinyBench, seconds: int) -> list[tuple[Verdict, str]]:
    """What the gate says of the tiny package."""
    with ThreadPoolExecutor(1) as pool:
        waiting = watching.launch(
            bench, lambda _old, _new: ApiComparison(compared=(CODE,)), BACKPORT, {}, seconds, pool
        )
        return [(each.verdict, each.summary) for each in waiting()]


def test_a_bench_that_cannot_watch_gives_no_evidence_at_all() -> None:
    """Nor does one that is told not to."""
    assert [[], []] == [judged(TinyBench(), 9), judged(Watcher(), 0)]


def test_a_world_in_the_way_is_no_evidence() -> None:
    """The reason is told; the other gates go on."""
    why = "no evidence: no answer after 9 s [registry.unreachable]"
    assert [(Verdict.NO_EVIDENCE, why)] == judged(Watcher(), 9)
