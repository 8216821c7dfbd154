"""Calibrates proof-of-concept code of advisories: it may judge where it tells the pin from the fixed release."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from avr.ecosystems.interface import Bench, TestRequest
from avr.model.evidence import Evidence, TestRun, Verdict
from avr.model.exploit import Exploit, Signal
from avr.model.identifiers import AdvisoryId, Digest, Gate
from avr.model.source import SourceTree
from avr.proofs import quoted
from avr.proofs.quoted import Quotation
from avr.stages.validate import calibration
from avr.stages.validate.attacks import RUNS

Runs = tuple[tuple[TestRun, ...], tuple[TestRun, ...]]
"""The runs on the pin and on the fixed release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a calibration stands on: the pin and upstream's own first fixed release, by version and tree.

    `packages` are the top names that the package is imported by, lower-case.
    """

    pinned: SourceTree
    fixed: SourceTree
    versions: tuple[str, str]
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """The exploit that may judge, or None; `reason` says why not; `runs` are those on the pin and on the release."""

    exploit: Exploit | None
    reason: str
    program: Exploit
    runs: Runs


def calibrate(bench: Bench, ground: Ground, quotation: Quotation, executor: Executor) -> Calibrated:
    """Observe the code once on both trees, settle on a sign, and see it fire and be blocked twice each."""
    probe = quoted.wrap(quotation, Signal.CRASHED, ground.versions, "")
    runs = _both(bench, ground, probe, 1, executor)
    pin, fixed = (calibration.observation(side[0]) for side in runs)
    if pin is None or fixed is None:
        said = "; ".join(each.problem for side in runs for each in side if calibration.observation(each) is None)
        return Calibrated(exploit=None, reason=f"it could not be observed: {said[-200:]}", program=probe, runs=runs)
    settled = calibration.settle(pin, fixed, ground.packages)
    if isinstance(settled, str):
        return Calibrated(exploit=None, reason=settled, program=probe, runs=runs)
    exploit = quoted.wrap(quotation, settled.signal, ground.versions, settled.ends)
    runs = _both(bench, ground, exploit, RUNS, executor)
    reason = calibration.disagreement(exploit, *runs)
    return Calibrated(exploit=None if reason else exploit, reason=reason, program=exploit, runs=runs)


def evidence(advisory: AdvisoryId, tried: Sequence[Calibrated], versions: tuple[str, str]) -> Evidence:
    """G5 where no code of the advisory's text may judge: no evidence, with the reason and both outputs."""
    reasons = list(dict.fromkeys(each.reason for each in tried))
    logs: dict[str, Digest] = {}
    for number, each in enumerate(tried, 1):
        logs |= {f"{name}-{number}": digest for name, digest in _logs(each).items()}
    return Evidence(
        gate=Gate.EXPLOIT,
        advisory=advisory,
        verdict=Verdict.NO_EVIDENCE,
        summary=f"the proof of concept in the advisory's text is inconclusive: {reasons[0]}",
        facts={
            "origin": tried[0].program.origin.value,
            "source": list(tried[0].program.references),
            "pin": versions[0],
            "fixed": versions[1],
            "reasons": reasons,
        },
        logs=logs,
    )


def told(known: Evidence, found: Calibrated) -> Evidence:
    """The evidence that an exploit gave, with the outputs of its calibration beside it."""
    return replace(known, logs={**known.logs, **_logs(found)})


def _both(bench: Bench, ground: Ground, exploit: Exploit, times: int, executor: Executor) -> Runs:
    request = TestRequest(seconds=exploit.seconds, exploit=exploit)
    pin, fixed = (
        [executor.submit(bench.run, tree, {}, request) for _ in range(times)] for tree in (ground.pinned, ground.fixed)
    )
    return tuple(each.result() for each in pin), tuple(each.result() for each in fixed)


def _logs(found: Calibrated) -> dict[str, Digest]:
    sides = zip(("pin", "fixed"), found.runs, strict=True)
    outputs = {f"{side}-{number}": run.log for side, runs in sides for number, run in enumerate(runs, 1)}
    program = {"quoted-program": Digest(hashlib.sha256(found.program.program).hexdigest())}
    return {**program, **{name: log for name, log in outputs.items() if log is not None}}
