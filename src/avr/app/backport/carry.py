"""Carries the fixes of a request onto its pin and says everything that a maintainer wants to know of the result."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from avr.app.backport.conditions import Condition, conditions
from avr.app.backport.request import Options, Remark, Request, dropped
from avr.app.sibling_sites import code_paths, with_siblings
from avr.model.backport import Backport, HunkStatus, PortedFix
from avr.model.fix import ChangeKind, Fix
from avr.model.source import SourceTree
from avr.stages.patch import backport
from avr.stages.patch.calibration import proposals
from avr.stages.patch.pack import HunkEvidence, evidence
from avr.tools.binary_patch import binary_patch
from avr.tools.unified import unified

Tell = Callable[[str], None]

_PROPOSED = "placed by a rung whose precision is not measured well enough to decide alone: read these hunks"
_WHOLE = "the target lacks these test files: they are taken whole, with tests of things that it may not have"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The result of `avr backport`: `result` is the pin with code and tests, `patch` the way there."""

    request: Request
    backport: Backport
    result: SourceTree
    patch: bytes
    changed: tuple[str, ...]
    conditions: tuple[Condition, ...]
    evidence: tuple[HunkEvidence, ...]

    @property
    def complete(self) -> bool:
        """Every fix is whole, nothing of it was left behind, and every condition holds."""
        whole = all(each.complete for each in self.backport.ported)
        held = all(each.holds for each in self.conditions)
        return whole and held and not any(each.blocking for each in self.remarks)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What was noticed about the input and about the result."""
        return (*self.request.remarks, *_of_result(self.backport))


def carry(request: Request, options: Options, tell: Tell) -> Carried:
    """Port, then look at what came out; `tell` hears what takes time."""
    fixes = [_wanted(fix, options) for fix in request.fixes]
    tell(f"carrying the fix onto {request.onto}, {len(request.pin.files)} files")
    steps = [(fix.advisory, fix) for fix in fixes]
    port = partial(backport, upstream=request.upstream, minimum=options.minimum)
    done = port(request.pin, steps, request.pin)
    result = done.patched.replacing(done.security_tests)
    tell("checking the result")
    held = conditions(request, done, result, port)
    tell("looking for sibling sites")
    among = code_paths(result)
    looked = tuple(with_siblings(each, result, among) for each in done.ported)
    packs = tuple(pack for each in looked for pack in _packs(request, result, each, among))
    changed = request.pin.differing(result)
    return Carried(
        request=request,
        backport=replace(done, ported=looked),
        result=result,
        patch=b"".join(_patched(request.pin, result, path) for path in changed),
        changed=changed,
        conditions=held,
        evidence=packs,
    )


def _wanted(fix: Fix, options: Options) -> Fix:
    left_out = dropped(fix, options)
    return replace(fix, files=tuple(change for change in fix.files if change not in left_out))


def _packs(request: Request, result: SourceTree, ported: PortedFix, among: frozenset[str]) -> tuple[HunkEvidence, ...]:
    found = evidence(result, ported, among)
    return tuple(replace(each, history=tuple(request.history(ported.fix, each.hunk))) for each in found)


def _patched(before: SourceTree, after: SourceTree, path: str) -> bytes:
    old, new = before.get(path), after.get(path)
    if b"\0" in (old or b"") + (new or b""):
        return binary_patch(old, new, path)
    return unified(old, new, path, path)


def _of_result(done: Backport) -> tuple[Remark, ...]:
    hunks = [hunk for each in done.ported for hunk in each.hunks]
    absent = dict.fromkeys(hunk.path for hunk in hunks if hunk.target is None)
    edited = {change.path for each in done.ported for change in each.fix.files if change.before is not None}
    tests = [hunk for hunk in hunks if hunk.kind is ChangeKind.TEST and hunk.status is HunkStatus.PLACED]
    taken = dict.fromkeys(hunk.path for hunk in tests if hunk.path in edited and hunk.target not in done.pinned.files)
    unplaced = [hunk for hunk in hunks if hunk.kind is ChangeKind.TEST and hunk.status is HunkStatus.UNPLACED]
    lost = dict.fromkeys(hunk.path for hunk in unplaced)
    proposed = dict.fromkeys(
        f"{hunk.target or hunk.path}:{hunk.line or hunk.start} ({hunk.rung})" for hunk in proposals(hunks)
    )
    remarks = [
        (proposed, "proposed", _PROPOSED, True),
        (lost, "tests-partial", "not every hunk of these tests has a place: the fix is tested less", False),
        (absent, "missing-file", "the target has no such file", False),
        (taken, "test-taken-whole", _WHOLE, False),
    ]
    return tuple(
        Remark(code=f"backport.{code}", message=what, paths=tuple(paths), blocking=blocking)
        for paths, code, what, blocking in remarks
        if paths
    )
