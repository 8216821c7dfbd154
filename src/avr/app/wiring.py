"""Puts the plug-ins together: the only place that knows which parts a run is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from avr import __version__
from avr.app.cached_bench import CachedBench
from avr.app.outcomes import program
from avr.app.project import Benches
from avr.config import Settings
from avr.ecosystems.interface import Bench, Ecosystem, Laboratory, Pin
from avr.ecosystems.npm import bench as npm_bench
from avr.ecosystems.npm import npm_config
from avr.ecosystems.npm import suite as npm_suite
from avr.ecosystems.npm.ecosystem import Npm
from avr.ecosystems.npm.laboratory import NpmLaboratory
from avr.ecosystems.npm.registry import NpmRegistry
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
from avr.model.identifiers import EcosystemName
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
class Kit:
    """What a run works with that is its ecosystem's own; `tests_tree` is a tree with its suite laid over it."""

    ecosystem: Ecosystem
    tests_tree: Callable[[SourceTree, SourceTree | None], SourceTree]
    bench: Callable[[Pin, SourceTree | None], Bench]
    laboratory: Callable[[], Laboratory]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that a run works with, each as one function or plug-in."""

    version: str
    settings: Settings
    kit: Callable[[EcosystemName], Kit]
    inventory: Callable[[str], Inventory]
    findings: Callable[[Inventory], tuple[Finding, ...]]
    planner: Planner
    upstream_tests: Callable[[Pin, Plan], SourceTree | None]
    uv: Callable[[], Uv]
    project: Benches

    def ecosystem_of(self, component: Component) -> Ecosystem:
        """The ecosystem of a component."""
        return self.kit(component.ecosystem).ecosystem


def wire(settings: Settings) -> Parts:
    """The parts for `settings`; nothing is opened or asked before it is needed."""
    uv = Uv(cache=settings.cache / "uv", index=index_config.load().uv_environment())
    git = Git(mirror=settings.git_mirror, cache=settings.cache / "git") if settings.git else None
    sources = planning.Sources(git=git, apt=Apt(cache=settings.cache / "apt"))
    kits = {EcosystemName.PYPI: cache(lambda: _pypi(settings, uv)), EcosystemName.NPM: cache(lambda: _npm(settings))}

    def kit(ecosystem: EcosystemName) -> Kit:
        return kits[ecosystem]()

    def project(
        tree: SourceTree, pins: Sequence[Component], releases: Sequence[Release], wheels: Path
    ) -> tuple[Bench, Bench]:
        registry = kit(EcosystemName.PYPI).ecosystem.registry
        before = projects.unpatched(tree, pins, settings=settings, registry=registry)
        after = projects.patched(before, _wheels(releases), wheels, registry=registry)
        return _cached(before, settings), _cached(after, settings)

    def plan(pin: Pin, findings: Sequence[Finding]) -> Plan:
        ecosystem = kit(pin.component.ecosystem).ecosystem

        def tree_of(version: str) -> SourceTree:
            component = Component(ecosystem=pin.component.ecosystem, name=pin.component.name, version=version)
            return ecosystem.pin(component).tree

        return planning.plan(pin, findings, ecosystem.registry, tree_of, sources)

    return Parts(
        version=__version__,
        settings=settings,
        kit=kit,
        inventory=targets.read,
        findings=lambda inventory: find.findings(inventory, AdvisoryStore(settings.home / "advisories.db")),
        planner=plan,
        upstream_tests=lambda pin, plan: planning.upstream_tests(
            pin.component, [step.finding for step in plan.steps], git
        ),
        uv=lambda: uv,
        project=project,
    )


def _pypi(settings: Settings, uv: Uv) -> Kit:
    registry = PyPIRegistry(settings.cache, index_config.load())

    def fresh(pin: Pin, upstream: SourceTree | None) -> Bench:
        return prepare(pin, upstream, settings=settings, registry=registry)

    def builder(pin: Pin) -> SandboxBuilder:
        return SandboxBuilder(pin=pin, interpreters=discover(), uv=uv, cache=settings.cache)

    return Kit(
        ecosystem=PyPI(registry, prepare=fresh, builders=builder, mtime=settings.source_date_epoch),
        tests_tree=lambda tree, upstream: tree.replacing(dict(suite.find(tree, upstream).overlay)),
        bench=lambda pin, upstream: _cached(fresh(pin, upstream), settings),
        laboratory=lambda: PyPILaboratory(settings=settings, available=discover()),
    )


def _npm(settings: Settings) -> Kit:
    config = npm_config.load()

    def fresh(pin: Pin, upstream: SourceTree | None) -> Bench:
        return npm_bench.prepare(pin, upstream, settings=settings, config=config)

    return Kit(
        ecosystem=Npm(NpmRegistry(settings.cache, config), prepare=fresh, mtime=settings.source_date_epoch),
        tests_tree=lambda tree, upstream: tree.replacing(dict(npm_suite.find(tree, upstream).overlay)),
        bench=lambda pin, upstream: _cached(fresh(pin, upstream), settings),
        laboratory=lambda: NpmLaboratory(settings=settings, config=config),
    )


def _cached(inner: Bench, settings: Settings) -> Bench:
    return CachedBench(inner, settings.cache / "runs", program("ecosystems", "tools/sandbox"))


def _wheels(releases: Sequence[Release]) -> tuple[PatchedWheel, ...]:
    return tuple(
        PatchedWheel(
            name=release.component.name, pinned=release.component.version, version=release.version, sha256=each.sha256
        )
        for release in releases
        for each in release.artifacts
        if each.role == "wheel"
    )
