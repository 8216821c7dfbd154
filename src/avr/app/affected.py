"""Checks an advisory's ranges: runs its exploits on every release that it claims, and on the neighbours outside."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from avr.app.progress import Progress
from avr.ecosystems.interface import Bench, Ecosystem, Pin
from avr.errors import AvrError, UsageError
from avr.model.advisory import Advisory
from avr.model.affected import RangeCheck, Shown, TestedRelease
from avr.model.component import Component, Inventory
from avr.model.exploit import Exploit
from avr.model.finding import Finding
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree
from avr.stages.find.neighbours import with_neighbours
from avr.stages.validate import affected, attacks

ExploitsOf = Callable[[str, str, Sequence[str]], tuple[Exploit, ...]]
"""The exploits by ecosystem, package and the ids of the vulnerability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose ranges: the normalised package and any id of the advisory; `neighbours` on each side are tested too."""

    ecosystem: EcosystemName
    package: str
    advisory: str
    neighbours: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a check works with."""

    ecosystem: Ecosystem
    findings: Callable[[Inventory], tuple[Finding, ...]]
    bench_of: Callable[[Pin, SourceTree | None], Bench]
    exploits_of: ExploitsOf
    progress: Progress


def check(question: Question, tools: Tools) -> RangeCheck:
    """Test every claimed release and the neighbours, several at a time; what was run before is remembered.

    Raises `UsageError` `affected.unknown-advisory` where no release is claimed by it, `AvrError` `affected.no-exploit`
    where there is nothing to run, and what the registry raises.
    """
    versions = [each.version for each in tools.ecosystem.registry.releases(question.package)]
    advisory, claimed = _claimed(question, tools, versions)
    exploits = tools.exploits_of(question.ecosystem.lower(), question.package, advisory.ids)
    if not exploits:
        message = f"there is no exploit for {advisory.name} in {question.package!r}"
        raise AvrError("affected.no-exploit", message, hint="write one: docs/how-to/write-a-proof.md")
    with ThreadPoolExecutor(thread_name_prefix="sandbox") as sandboxes:
        tester = _Tester(tools, advisory, exploits, claimed, sandboxes, question)
        with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2), thread_name_prefix="release") as workers:
            tested = tuple(workers.map(tester.tested, with_neighbours(versions, claimed, question.neighbours)))
    return RangeCheck(
        ecosystem=question.ecosystem,
        package=question.package,
        advisory=advisory,
        exploits=tuple(each.name for each in exploits),
        releases=tested,
        versions=tuple(versions),
    )


def _claimed(question: Question, tools: Tools, versions: Sequence[str]) -> tuple[Advisory, frozenset[str]]:
    components = tuple(_component(question, each) for each in versions)
    found = tools.findings(Inventory(target=question.package, components=components))
    mine = [each for each in found if question.advisory in each.advisory.ids]
    if not mine:
        known = sorted({each.id for each in found})
        message = f"no advisory {question.advisory!r} claims a release of {question.package!r}"
        hint = f"known for it: {', '.join(known[-8:])}" if known else "run `avr feed import` with newer advisories"
        raise UsageError("affected.unknown-advisory", message, hint=hint)
    return mine[0].advisory, frozenset(each.component.version for each in mine)


def _component(question: Question, version: str) -> Component:
    return Component(ecosystem=question.ecosystem, name=question.package, version=version)


@dataclass(frozen=True, slots=True)
class _Tester:
    """Tests one release after the other; `sandboxes` runs the exploits."""

    tools: Tools
    advisory: Advisory
    exploits: tuple[Exploit, ...]
    claimed: frozenset[str]
    sandboxes: ThreadPoolExecutor
    question: Question

    def tested(self, version: str) -> TestedRelease:
        """Run the exploits on one release; whatever stands in the way leaves it undecided."""
        component = _component(self.question, version)
        self.tools.progress.stage(component, "test")
        try:
            return self._tested(component)
        except AvrError as error:
            return self._release(version, Shown.UNDECIDED, f"{error.message} [{error.code}]")

    def _tested(self, component: Component) -> TestedRelease:
        pin = self.tools.ecosystem.pin(component)
        bench = self.tools.bench_of(pin, None)
        if bench.problem is not None:
            return self._release(component.version, Shown.UNDECIDED, bench.problem)
        finding = Finding(component=component, advisory=self.advisory, why="claimed")
        evidence = attacks.on_pin(bench, pin.tree, {finding.id: self.exploits}, self.sandboxes)
        shown, why = affected.judged(evidence)
        release = self._release(component.version, shown, why)
        return TestedRelease(
            version=release.version, claimed=release.claimed, shown=shown, why=why, evidence=tuple(evidence)
        )

    def _release(self, version: str, shown: Shown, why: str) -> TestedRelease:
        return TestedRelease(version=version, claimed=version in self.claimed, shown=shown, why=why)
