"""Checks an advisory's ranges: tests every release that it claims, and the neighbours outside.

Where the library has exploits they decide; where there is none, or it comes to no verdict, the fix's own tests do.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from avr.app.fix_tests import Routes, Tried, run_tests
from avr.app.progress import Progress
from avr.ecosystems.interface import Pin
from avr.errors import AvrError, UsageError
from avr.model.advisory import Advisory
from avr.model.affected import RangeCheck, Shown, TestedRelease
from avr.model.component import Component, Inventory
from avr.model.exploit import Exploit
from avr.model.finding import Finding
from avr.model.identifiers import EcosystemName
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

    findings: Callable[[Inventory], tuple[Finding, ...]]
    exploits_of: ExploitsOf
    progress: Progress
    routes: Routes


def check(question: Question, tools: Tools) -> RangeCheck:
    """Test every claimed release and the neighbours, several at a time; what was run before is remembered.

    Raises `UsageError` `affected.unknown-advisory` where no release is claimed by it, and what the registry raises.
    """
    versions = [each.version for each in tools.routes.ecosystem.registry.releases(question.package)]
    advisory, claimed = _claimed(question, tools, versions)
    exploits = tools.exploits_of(question.ecosystem.lower(), question.package, advisory.ids)
    with ThreadPoolExecutor(thread_name_prefix="sandbox") as sandboxes:
        tester = _Tester(tools, advisory, exploits, claimed, sandboxes, question)
        with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2), thread_name_prefix="release") as workers:
            found = tuple(workers.map(tester.tested, with_neighbours(versions, claimed, question.neighbours)))
    biting = _biting(found)
    return RangeCheck(
        ecosystem=question.ecosystem,
        package=question.package,
        advisory=advisory,
        exploits=tuple(each.name for each in exploits),
        releases=tuple(_decided(each, biting) for each in found),
        versions=tuple(versions),
        tests=tuple(sorted(biting)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the exploits showed of one release and, where they left it open, how the fix's tests fared."""

    release: TestedRelease
    tried: Tried | None = None


def _biting(found: Sequence[_Found]) -> frozenset[str]:
    """The fix's tests that turned green on some release."""
    tried = [each.tried for each in found if each.tried is not None]
    return frozenset(
        test for each in tried if affected.bites(each.tests, patched=each.patched) for test in each.tests.turned_green
    )


def _decided(found: _Found, biting: frozenset[str]) -> TestedRelease:
    if found.tried is None:
        return found.release
    shown, why = affected.judged_by_tests(found.tried.tests, biting, patched=found.tried.patched)
    return replace(found.release, shown=shown, why=why, evidence=(*found.release.evidence, found.tried.evidence))


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

    def tested(self, version: str) -> _Found:
        """Test one release; whatever stands in the way leaves it undecided."""
        component = _component(self.question, version)
        self.tools.progress.stage(component, "test")
        try:
            return self._tested(component)
        except AvrError as error:
            return _Found(release=self._release(version, Shown.UNDECIDED, f"{error.message} [{error.code}]"))

    def _tested(self, component: Component) -> _Found:
        pin = self.tools.routes.ecosystem.pin(component)
        finding = Finding(component=component, advisory=self.advisory, why="claimed")
        release = self._attacked(pin, finding)
        if release.shown is not Shown.UNDECIDED:
            return _Found(release=release)
        tried = run_tests(pin, finding, self.tools.routes, self.sandboxes)
        if isinstance(tried, str):
            why = f"{release.why}; {tried}" if release.why else tried
            return _Found(release=replace(release, why=why))
        return _Found(release=release, tried=tried)

    def _attacked(self, pin: Pin, finding: Finding) -> TestedRelease:
        """What the exploits show of it."""
        version = pin.component.version
        if not self.exploits:
            return self._release(version, Shown.UNDECIDED, "")
        bench = self.tools.routes.bench_of(pin, None)
        if bench.problem is not None:
            return self._release(version, Shown.UNDECIDED, bench.problem)
        evidence = attacks.on_pin(bench, pin.tree, {finding.id: self.exploits}, self.sandboxes)
        shown, why = affected.judged(evidence)
        return replace(self._release(version, shown, why), evidence=tuple(evidence))

    def _release(self, version: str, shown: Shown, why: str) -> TestedRelease:
        return TestedRelease(version=version, claimed=version in self.claimed, shown=shown, why=why)
