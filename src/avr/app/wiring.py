"""Puts the plug-ins together: the only place that knows which parts a run is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avr import __version__
from avr.app.cached_bench import CachedBench
from avr.app.outcomes import program
from avr.app.project import Benches
from avr.config import Settings
from avr.ecosystems.interface import Bench, Ecosystem, Laboratory, Pin
from avr.ecosystems.pypi import index_config, suite
from avr.ecosystems.pypi import project as projects
from avr.ecosystems.pypi.bench import prepare
from avr.ecosystems.pypi.build import SandboxBuilder
from avr.ecosystems.pypi.ecosystem import PyPI
from avr.ecosystems.pypi.interpreters import discover
from avr.ecosystems.pypi.laboratory import PyPILaboratory
from avr.ecosystems.pypi.project import PatchedWheel
from avr.ecosystems.pypi.registry import PyPIRegistry
from avr.ecosystems.pypi.uv import Uv
from avr.inventory import target as targets
from avr.model.component import Component, Inventory
from avr.model.finding import Finding
from avr.model.plan import Plan
from avr.model.release import Release
from avr.model.source import SourceTree
from avr.stages.find import gather as find
from avr.stages.plan import gather as planning
from avr.store.advisories import AdvisoryStore
from avr.tools.apt import Apt
from avr.tools.git_mirror import Git

Planner = Callable[[Pin, Sequence[Finding]], Plan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that a run works with, each as one function or plug-in."""

    version: str
    settings: Settings
    ecosystem: Ecosystem
    inventory: Callable[[str], Inventory]
    findings: Callable[[Inventory], tuple[Finding, ...]]
    planner: Planner
    upstream_tests: Callable[[Pin, Plan], SourceTree | None]
    tests_tree: Callable[[SourceTree, SourceTree | None], SourceTree]
    bench: Callable[[Pin, SourceTree | None], Bench]
    uv: Callable[[], Uv]
    project: Benches
    laboratory: Callable[[], Laboratory]


def wire(settings: Settings) -> Parts:
    """The parts for `settings`; nothing is opened or asked before it is needed."""
    uv = Uv(cache=settings.cache / "uv", index=index_config.load().uv_environment())
    registry = PyPIRegistry(settings.cache, index_config.load())
    git = Git(mirror=settings.git_mirror, cache=settings.cache / "git") if settings.git else None
    sources = planning.Sources(git=git, apt=Apt(cache=settings.cache / "apt"))

    def fresh(pin: Pin, upstream: SourceTree | None) -> Bench:
        return prepare(pin, upstream, settings=settings, registry=registry)

    def bench(pin: Pin, upstream: SourceTree | None) -> Bench:
        return cached(fresh(pin, upstream))

    def builder(pin: Pin) -> SandboxBuilder:
        return SandboxBuilder(pin=pin, interpreters=discover(), uv=uv, cache=settings.cache)

    def project(
        tree: SourceTree, pins: Sequence[Component], releases: Sequence[Release], wheels: Path
    ) -> tuple[Bench, Bench]:
        before = projects.unpatched(tree, pins, settings=settings, registry=registry)
        after = projects.patched(before, _wheels(releases), wheels, registry=registry)
        return cached(before), cached(after)

    def cached(inner: Bench) -> Bench:
        return CachedBench(inner, settings.cache / "runs", program("ecosystems", "tools/sandbox"))

    ecosystem = PyPI(registry, prepare=fresh, builders=builder, mtime=settings.source_date_epoch)

    def plan(pin: Pin, findings: Sequence[Finding]) -> Plan:
        def tree_of(version: str) -> SourceTree:
            component = Component(ecosystem=pin.component.ecosystem, name=pin.component.name, version=version)
            return ecosystem.pin(component).tree

        return planning.plan(pin, findings, registry, tree_of, sources)

    return Parts(
        version=__version__,
        settings=settings,
        ecosystem=ecosystem,
        inventory=targets.read,
        findings=lambda inventory: find.findings(inventory, AdvisoryStore(settings.home / "advisories.db")),
        planner=plan,
        upstream_tests=lambda pin, plan: planning.upstream_tests(
            pin.component, [step.finding for step in plan.steps], git
        ),
        tests_tree=lambda tree, upstream: tree.replacing(dict(suite.find(tree, upstream).overlay)),
        bench=bench,
        uv=lambda: uv,
        project=project,
        laboratory=lambda: PyPILaboratory(settings=settings, available=discover()),
    )


def _wheels(releases: Sequence[Release]) -> tuple[PatchedWheel, ...]:
    return tuple(
        PatchedWheel(
            name=release.component.name, pinned=release.component.version, version=release.version, sha256=each.sha256
        )
        for release in releases
        for each in release.artifacts
        if each.role == "wheel"
    )
