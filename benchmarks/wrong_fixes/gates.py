"""Puts a patch before the gates of `avr fix`: the same bench, evidence, level and state."""

import base64
import hashlib
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from avr.app import states
from avr.app.cached_bench import CachedBench
from avr.app.judge import Limits, judge
from avr.app.outcomes import program
from avr.app.proposal import proposal
from avr.app.wiring import wire
from avr.config import Settings
from avr.ecosystems.interface import Bench, Pin
from avr.model.component import Component
from avr.model.evidence import Evidence, Verdict
from avr.model.finding import Finding
from avr.model.identifiers import Assurance, EcosystemName, Gate, State
from avr.model.plan import Step, Strategy
from avr.model.report import FindingReport
from avr.model.source import SourceTree
from avr.stages.validate import decide
from avr.testing.build import advisory
from avr.tools.archives import pack_targz, pack_zip
from benchmarks.wrong_fixes.cases import Case

SUITE_SECONDS = 120
MTIME = 315532800


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """How one patch ended: the report of its finding, all evidence, and what of the patch was not taken over.

    `lenient` is the evidence as it were had upstream's own lines not fitted the pin: then G0 takes any change at the
    place of each hunk.
    """

    found: FindingReport
    evidence: tuple[Evidence, ...]
    lenient: tuple[Evidence, ...]
    ignored: tuple[str, ...]

    @property
    def fixed(self) -> bool:
        """Whether it was called fixed."""
        return self.found.state is State.FIXED

    @property
    def against(self) -> tuple[Gate, ...]:
        """The gates that failed."""
        return tuple(dict.fromkeys(each.gate for each in self.evidence if each.verdict is Verdict.FAILED))

    def without(self, *gates: Gate) -> bool:
        """Whether it would have been called fixed by the lenient evidence had these gates not been there."""
        left = [each for each in self.lenient if each.gate not in gates]
        kept = [each for each in self.lenient if each.gate in gates and each.gate in _NEEDED]
        left += [Evidence(gate=e.gate, verdict=Verdict.PASSED, summary="", facts={}, logs={}) for e in kept]
        return states.report(_step(self.found.finding), {}, left, Assurance.FIXED).state is State.FIXED


_NEEDED = {Gate.APPLIES, Gate.SOUND, Gate.BUILDS, Gate.NO_REGRESSION}


class Court:
    """One package's pin and its bench, made once; patches come one after another."""

    def __init__(self, case: Case, settings: Settings, folder: Path, executor: Executor) -> None:
        self._case = case
        self._settings = settings
        self._executor = executor
        self._runner = program("ecosystems", "tools/sandbox", "proofs")
        self._ecosystem = wire(settings).kit(EcosystemName.PYPI).ecosystem
        self._pin = _released(case, folder)
        self._bench: Bench = self._ecosystem.bench(self._pin, None)

    def rule(self, tree: SourceTree) -> Ruling:
        """The outcome for a tree with a patch.

        All gates run on the lenient form, where G0 asks less; then G0 is put as strictly as `avr` asks. Where that
        passes, both forms are the same, for every hunk is upstream's own.
        """
        case = self._case
        strict = proposal(self._pin, tree, case.fix, self._pin.tree)
        put = proposal(self._pin, tree, case.fix, self._pin.tree, rewritten=True)
        bench = CachedBench(self._bench, self._settings.cache / "runs", self._runner)
        armoury = {case.fix.advisory: (case.exploit,)}
        limits = Limits(suite_runs=2, suite_seconds=SUITE_SECONDS)
        judged = judge(self._ecosystem, bench, self._pin, put.backport, 1, limits, self._executor, armoury)
        finding = Finding(component=self._pin.component, advisory=advisory(case.fix.advisory), why="planted")
        others = (each for each in judged.evidence if each.gate is not Gate.APPLIES)
        evidence = (*(decide.applies(each) for each in strict.backport.ported), *others)
        found = states.report(_step(finding), {}, evidence, Assurance.FIXED)
        return Ruling(found=found, evidence=evidence, lenient=judged.evidence, ignored=put.ignored)


def _step(finding: Finding) -> Step:
    return Step(finding=finding, strategy=Strategy.BACKPORT)


def _released(case: Case, folder: Path) -> Pin:
    """The pin as if fetched from an index: a source archive and a wheel in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    sdist, wheel = folder / f"{case.package}-1.0.tar.gz", folder / f"{case.package}-1.0-py3-none-any.whl"
    sdist.write_bytes(pack_targz(case.pin, f"{case.package}-1.0", MTIME))
    wheel.write_bytes(_wheel(case))
    component = Component(ecosystem=EcosystemName.PYPI, name=case.package, version="1.0")
    return Pin(component=component, tree=case.pin, sdist=sdist, wheel=wheel, released=None)


def _wheel(case: Case) -> bytes:
    info = f"{case.package}-1.0.dist-info"
    members = {
        f"{case.package}.py": case.pin.files[f"{case.package}.py"],
        f"{info}/METADATA": case.pin.files["PKG-INFO"],
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in members.items()]
    members[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"]).encode()
    return pack_zip(members, MTIME)


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
