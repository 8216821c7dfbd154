"""Runs exploits on the pin and on its patched form, more than once on each side."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from avr.ecosystems.interface import Bench, TestRequest
from avr.model.evidence import Evidence, TestRun
from avr.model.exploit import Exploit
from avr.model.identifiers import AdvisoryId, Digest
from avr.model.source import SourceTree
from avr.stages.validate import exploits

RUNS = 2
"""How often an exploit runs on each side, so that one that fires now and then is set aside."""

Armoury = Mapping[AdvisoryId, Sequence[Exploit]]
"""The exploits of each advisory at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """The runs of one exploit on both sides, under way."""

    advisory: AdvisoryId
    exploit: Exploit
    before: tuple[Future[TestRun], ...]
    after: tuple[Future[TestRun], ...]

    def evidence(self) -> Evidence:
        """Wait for the runs and judge them."""
        before, after = [each.result() for each in self.before], [each.result() for each in self.after]
        return exploits.exploited(self.advisory, self.exploit, before, after, _blobs(self.exploit))


def launch(
    bench: Bench, pinned: SourceTree, patched: SourceTree, armoury: Armoury, executor: Executor
) -> tuple[Attack, ...]:
    """Start all runs of all exploits on `executor`; none where nothing can run on this bench."""
    if bench.problem is not None:
        return ()
    return tuple(
        Attack(
            advisory=advisory,
            exploit=exploit,
            before=_runs(bench, pinned, exploit, executor),
            after=_runs(bench, patched, exploit, executor),
        )
        for advisory, known in armoury.items()
        for exploit in known
    )


def on_pin(bench: Bench, pinned: SourceTree, armoury: Armoury, executor: Executor) -> tuple[Evidence, ...]:
    """G5 for advisories that the source says are closed on the pin."""
    if bench.problem is not None:
        return ()
    known = [(advisory, exploit) for advisory, all_of_it in armoury.items() for exploit in all_of_it]
    futures = [_runs(bench, pinned, exploit, executor) for _, exploit in known]
    return tuple(
        exploits.closed_on_pin(advisory, exploit, [each.result() for each in runs], _blobs(exploit))
        for (advisory, exploit), runs in zip(known, futures, strict=True)
    )


def _runs(bench: Bench, tree: SourceTree, exploit: Exploit, executor: Executor) -> tuple[Future[TestRun], ...]:
    request = TestRequest(seconds=exploit.seconds, exploit=exploit)
    return tuple(executor.submit(bench.run, tree, {}, request) for _ in range(RUNS))


def _blobs(exploit: Exploit) -> dict[str, Digest]:
    """The program and its contract are kept like logs, so that they are delivered with the evidence."""
    return {
        "program": Digest(hashlib.sha256(exploit.program).hexdigest()),
        "contract": Digest(hashlib.sha256(exploit.contract).hexdigest()),
    }
