"""The bench of one pin: an interpreter, dependencies of its time and its suite, found by trying.

The interpreters that suit the pin are tried best first. For each the dependencies are resolved, pytest collects the
suite, and modules that turn out to be missing are asked for; the first environment that collects soundly is taken.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from avr.config import Settings
from avr.ecosystems.interface import Equipment, Pin, Registry, TestRequest, Watch
from avr.ecosystems.pypi import (
    apart,
    equipment,
    facts,
    index_config,
    interpreters,
    metadata,
    ownrunner,
    requirements,
    suite,
    wishes,
)
from avr.ecosystems.pypi.apart import Pieces
from avr.ecosystems.pypi.behaviour import measuring
from avr.ecosystems.pypi.behaviour import observe as observing
from avr.ecosystems.pypi.behaviour.observe import Scene
from avr.ecosystems.pypi.dependencies import Prepared, Resolver, limit
from avr.ecosystems.pypi.exploit import Prover
from avr.ecosystems.pypi.interpreters import Interpreter
from avr.ecosystems.pypi.requirements import Asked
from avr.ecosystems.pypi.suite import Suite
from avr.ecosystems.pypi.testrun import Collected, Limits, Runner, give
from avr.ecosystems.pypi.uv import Uv
from avr.ecosystems.pypi.wheels import Builder
from avr.ecosystems.pypi.widening import Widening
from avr.model.behaviour import Observation
from avr.model.evidence import TestRun
from avr.model.outcome import Declined
from avr.model.source import SourceTree
from avr.tools import sandbox
from avr.tools.archives import unpack
from avr.tools.blobs import BlobStore

_MOST_INTERPRETERS = 3
_MOST_ROUNDS = 3
_COLLECT_SECONDS = 180
_WATCHED_TEST_SECONDS = 20
_ALWAYS = frozenset({"pytest-timeout", "setuptools"})
"""A limit for each test, and what every environment of the time had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PyPIBench:
    """A prepared bench; without a `runner` nothing can run and `problem` says why."""

    settings: Settings
    suite: Suite
    facts: Mapping[str, str]
    runner: Runner | None = None
    widening: Widening | None = None
    problem: str | None = None
    uv: Uv | None = None
    registry: Registry | None = None

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Run tests on `tree` overlaid with `tests`; the whole suite where the request names none."""
        if self.runner is None:
            return TestRun(command=(), results={}, exit_code=None, seconds=0.0, problem=self.problem or "no bench")
        if request.exploit is not None:
            return self._prover(self.runner).run(tree, request.exploit)
        paths = request.paths or self.suite.paths
        if not paths or not self.runner.takes(request.paths):
            return TestRun(command=(), results={}, exit_code=None, seconds=0.0, problem="no suite")
        whole = tree.replacing({**self.suite.overlay, **tests})
        limits = Limits(
            seconds=request.seconds,
            memory=self.settings.sandbox_memory,
            disk=self.settings.sandbox_disk,
            test_seconds=request.test_seconds,
            only=request.only,
        )
        if request.apart:
            return self._run_apart(self.runner, whole, request, limits)
        if not tests or self.widening is None:
            return self.runner.run(whole, paths, limits)
        runner = self.widening.runner(tests)
        done = runner.run(whole, paths, limits)
        wider = self.widening.again(runner, done)
        return wider.run(whole, paths, limits) if wider else done

    def equipment(self, tree: SourceTree, tests: Mapping[str, bytes]) -> Equipment | None:
        """The lock of the environment that these tests run in, its wheels that were built here, and the suite's files.

        Raises `AvrError` `registry.unreachable` or `bench.install`.
        """
        if self.runner is None or self.uv is None or self.registry is None:
            return None
        whole = tree.replacing({**self.suite.overlay, **tests})
        limits = Limits(seconds=_COLLECT_SECONDS, memory=self.settings.sandbox_memory, disk=self.settings.sandbox_disk)
        widest = equipment.widest(self.runner, self.widening, whole, tests, limits)
        return equipment.of(widest, self.suite.overlay, self.uv, self.registry, self.settings.cache)

    def observe(self, watch: Watch) -> Observation:
        """Replay recorded calls on both sides and measure the changed lines; see `avr.ecosystems.pypi.behaviour`."""
        if self.runner is None or not self.suite.paths:
            return Observation(problem=self.problem or "no suite")
        scene = Scene(
            runner=self.runner,
            tester=self.widening.runner(watch.tests) if self.widening else self.runner,
            prover=self._prover(self.runner),
            suite=self.suite,
            tool=measuring.tool(self.runner.environment.interpreter, self.settings),
            limits=Limits(
                seconds=watch.seconds,
                memory=self.settings.sandbox_memory,
                disk=self.settings.sandbox_disk,
                test_seconds=_WATCHED_TEST_SECONDS,
            ),
        )
        return observing.observe(scene, watch)

    def _prover(self, runner: Runner) -> Prover:
        return Prover(
            environment=runner.environment,
            meta=runner.meta,
            blobs=runner.blobs,
            memory=self.settings.sandbox_memory,
            disk=self.settings.sandbox_disk,
        )

    def _run_apart(self, runner: Runner, tree: SourceTree, request: TestRequest, limits: Limits) -> TestRun:
        if request.paths:  # these ended before, so all of them have to end again
            pieces = Pieces(concerned=request.paths, others=())
        else:
            pieces = apart.order(tree, runner.pieces(tree, self.suite.paths), request.changed)
        with tempfile.TemporaryDirectory(prefix="avr-apart-") as scratch:
            given = give(tree, Path(scratch) / "given")

            def together(some: tuple[str, ...], seconds: int) -> TestRun:
                return runner.run(tree, some, replace(limits, seconds=seconds), given)

            return apart.run(together, pieces, limits.seconds, runner.blobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """An environment that was made and what pytest could collect with it, or the script that runs its tests."""

    prepared: Prepared
    collected: Collected | None
    wanted: Mapping[str, str]
    script: str = ""

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Soundness, tests found, and fewer broken files, for the best of several."""
        if self.collected is None:
            return (False, 0, 0)
        return (self.collected.sound, self.collected.tests, -self.collected.broken)


@dataclass(slots=True, kw_only=True)
class _Preparation:
    """The search for an environment in which the suite of one pin can be collected."""

    pin: Pin
    suite: Suite
    settings: Settings
    registry: Registry
    wheel: SourceTree | None
    asked: Asked
    name: str
    meta: Path
    declines: list[str] = field(default_factory=list)

    @property
    def tree(self) -> SourceTree:
        """The pin with its suite."""
        return self.pin.tree.replacing(dict(self.suite.overlay))

    @property
    def own(self) -> frozenset[str]:
        """The names of modules that the tree and its suite define themselves."""
        top = {PurePosixPath(path).parts[0].removesuffix(".py") for path in self.tree}
        return suite.layout(self.tree).names | top

    def best(self, candidates: tuple[Interpreter, ...]) -> _Trial | None:
        """The first sound trial, else the one that collects most; None where no environment could be made."""
        trials: list[_Trial] = []
        waiting = list(candidates)
        for _ in range(_MOST_INTERPRETERS):
            for trial in self._trials(waiting.pop(0)) if waiting else ():
                if trial.collected is None or trial.collected.sound:
                    return trial
                trials.append(trial)
            if trials and (script := ownrunner.find(self.tree)):
                return self._scripted(trials[-1], script)
            if trials and _for_python_2(trials[-1].collected):
                waiting.sort(key=lambda each: each.minor >= (3, 0))
        return max(trials, key=lambda each: each.rank, default=None)

    def runner(self, prepared: Prepared, script: str = "") -> Runner:
        """Pytest, or the tree's own script, in a prepared environment."""
        blobs = BlobStore(self.settings.cache / "blobs")
        return Runner(environment=prepared.environment, meta=self.meta, blobs=blobs, script=script)

    def widening(self, trial: _Trial) -> Widening:
        """Environments like that of the trial with more packages."""

        def widen(names: frozenset[str]) -> Runner | None:
            wanted = {**trial.wanted, **dict.fromkeys(sorted(names), "used by the fix's tests")}
            prepared = self._prepare(trial.prepared.environment.interpreter, wanted)
            return None if isinstance(prepared, Declined) else self.runner(prepared, trial.script)

        return Widening(base=self.runner(trial.prepared, trial.script), widen=widen, own=self.own)

    def _scripted(self, trial: _Trial, script: str) -> _Trial:
        """The suite's own script where pytest makes no sense of the suite, in the environment that was found for it."""
        wanted = {**self._wanted(), **dict.fromkeys(ownrunner.PACKAGES, "used by the suite's own script")}
        prepared = self._prepare(trial.prepared.environment.interpreter, wanted)
        if isinstance(prepared, Declined):
            return replace(trial, script=script)
        return replace(trial, prepared=prepared, wanted=wanted, script=script)

    def _prepare(self, interpreter: Interpreter, wanted: Mapping[str, str]) -> Prepared | Declined:
        cache = self.settings.cache
        uv = _uv(self.settings)
        builder = Builder(interpreter=interpreter, registry=self.registry, uv=uv, cache=cache)
        until = limit(self.pin.released, interpreter)
        resolver = Resolver(interpreter=interpreter, until=until, uv=uv, builder=builder)
        return resolver.prepare(replace(self.asked, tests=wanted), self.name, cache / "environments")

    def _trials(self, interpreter: Interpreter) -> Iterator[_Trial]:
        """One environment after another, each with the packages that the last one lacked."""
        wanted = self._wanted()
        for _ in range(_MOST_ROUNDS):
            prepared = self._prepare(interpreter, wanted)
            if isinstance(prepared, Declined):
                self.declines.append(prepared.why)
                return
            trial = _Trial(prepared=prepared, collected=self._collect(prepared), wanted=wanted)
            yield trial
            assert trial.collected is not None, "a trial without a suite ends the search"
            more = self._missing(trial.collected, prepared, wanted)
            if not more:
                return
            wanted = {**wanted, **dict.fromkeys(more, "missing module")}

    def _wanted(self) -> dict[str, str]:
        plugins = wishes.plugins(self.tree, self.suite.paths) | _ALWAYS
        named = {each.split("[")[0] for each in map(requirements.name_of, (*self.asked.tests, *self.asked.runtime))}
        return {**self.asked.tests, **dict.fromkeys(sorted(plugins - named), "used by the suite")}

    def _collect(self, prepared: Prepared) -> Collected | None:
        if not self.suite.paths:
            return None
        limits = Limits(seconds=_COLLECT_SECONDS, memory=self.settings.sandbox_memory, disk=self.settings.sandbox_disk)
        return self.runner(prepared).collect(self.tree, self.suite.paths, limits)

    def _missing(self, collected: Collected, prepared: Prepared, wanted: Mapping[str, str]) -> list[str]:
        tried = {requirements.name_of(each) for each in wanted if ";" not in each}  # a marker may have left one out
        known = prepared.environment.names | tried | {self.name}
        return sorted(wishes.packages(collected.missing, self.own) - known)


def prepare(
    pin: Pin, upstream: SourceTree | None, *, settings: Settings, registry: Registry, asked: Asked | None = None
) -> PyPIBench:
    """Find an environment for the pin's tests; `upstream` is the tag's tree where the source archive has none.

    `asked` stands for what the tree declares, where somebody knows better.

    A bench that cannot be made is a bench with a `problem`. Raises `AvrError` where the index cannot be reached, the
    disk is full, or a sandbox fails.
    """
    found = suite.find(pin.tree, upstream)
    if (why := sandbox.problem()) is not None:
        return PyPIBench(settings=settings, suite=found, facts={"suite": found.origin}, problem=f"no sandbox: {why}")
    wheel = unpack(pin.wheel) if pin.wheel else None
    declared = replace(requirements.declared(pin.tree, wheel), released=pin.released)
    candidates = interpreters.choose(declared, interpreters.discover())
    if isinstance(candidates, Declined):
        return PyPIBench(settings=settings, suite=found, facts={"suite": found.origin}, problem=candidates.why)
    preparation = _Preparation(
        pin=pin,
        suite=found,
        settings=settings,
        registry=registry,
        wheel=wheel,
        asked=asked or requirements.asked(pin.tree, wheel),
        name=requirements.project_name(pin.tree, wheel) or pin.component.name,
        meta=metadata.write(pin, wheel, settings.cache / "metadata"),
    )
    trial = preparation.best(candidates)
    if trial is None:
        why = "; ".join(preparation.declines) or "no environment could be made"
        return PyPIBench(settings=settings, suite=found, facts={"suite": found.origin}, problem=why)
    widening = preparation.widening(trial)
    return PyPIBench(
        settings=settings,
        suite=found,
        facts=facts.of(found, trial.prepared, trial.collected, trial.script),
        runner=widening.base,
        widening=widening,
        uv=_uv(settings),
        registry=registry,
    )


def _uv(settings: Settings) -> Uv:
    return Uv(cache=settings.cache / "uv", index=index_config.load().uv_environment())


def _for_python_2(collected: Collected | None) -> bool:
    """Whether modules are missing that no Python 3 has: such a package needs no other Python 3 to be tried."""
    return collected is not None and not wishes.PYTHON_2_ONLY.isdisjoint(collected.missing)
