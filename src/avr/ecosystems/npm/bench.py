"""The bench of one pin: its suite, the dependencies that its tests need as of its time, and node of this machine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from avr.config import Settings
from avr.ecosystems.interface import Equipment, Pin, TestRequest
from avr.ecosystems.npm import environment, exploit, needs, nodes, suite
from avr.ecosystems.npm.client import Client
from avr.ecosystems.npm.environment import Environment, Wanted
from avr.ecosystems.npm.npm_config import NpmConfig
from avr.ecosystems.npm.suite import Suite
from avr.ecosystems.npm.testrun import Limits, Runner
from avr.errors import AvrError
from avr.model.evidence import TestRun
from avr.model.source import SourceTree
from avr.tools import sandbox
from avr.tools.blobs import BlobStore, digest_of

LOCK = "package-lock.json"
OPTIONS = ("--legacy-peer-deps",)
"""Peers of linters and the like are not asked for."""
_STAND_INS = {"tap": "12.7.0"}
"""Releases that run the tests of older ones too; tap of many versions wants packages that are fetched from URLs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmBench:
    """A prepared bench. Without a `runner` no suite runs, and `silent` says why; exploits may run all the same.

    With a `problem` nothing runs at all.
    """

    pin: Pin
    settings: Settings
    config: NpmConfig
    suite: Suite
    facts: Mapping[str, str]
    upstream: SourceTree | None = None
    runner: Runner | None = None
    silent: str = ""
    problem: str | None = None

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Run tests on `tree` overlaid with `tests`; the whole suite where the request names none."""
        if self.problem is not None:
            return _none(self.problem)
        if request.exploit is not None:
            try:
                prover = exploit.prover(self.pin, settings=self.settings, config=self.config)
            except AvrError as error:
                return _none(error.message)
            return prover.run(tree, request.exploit)
        if self.runner is None:
            return _none(self.silent)
        if request.apart:
            return _none("the suite did not end, and suites of npm's packages are not run in pieces")
        paths = tuple(each for each in request.paths if suite.runnable(each) and suite.is_test(each))
        if request.paths and not paths:
            return _none("none of these files is a test that the runner can be given")
        limits = Limits(
            seconds=request.seconds,
            test_seconds=request.test_seconds,
            memory=self.settings.sandbox_memory,
            disk=self.settings.sandbox_disk,
        )
        whole = tree.replacing({**self.suite.overlay, **tests})
        return self._runner(self.runner, tests).run(whole, paths, limits)

    def equipment(self, _tree: SourceTree, tests: Mapping[str, bytes]) -> Equipment | None:
        """The lock file of npm by which the tests and exploits ran, and the suite's files; see `laboratory`."""
        if self.problem is not None:
            return None
        lock = self._runner(self.runner, tests).environment.lock if self.runner else self._own_lock()
        return Equipment(lock=lock, lock_name=LOCK, files={}, overlay=self.suite.overlay) if lock else None

    def _own_lock(self) -> bytes:
        """The lock of the environment of exploits, where no suite runs."""
        try:
            return exploit.prover(self.pin, settings=self.settings, config=self.config).environment.lock
        except AvrError:
            return b""

    def _runner(self, runner: Runner, tests: Mapping[str, bytes]) -> Runner:
        """The runner with what further tests need on top, where that can be had."""
        if not tests:
            return runner
        whole = self.pin.tree.replacing(dict(self.suite.overlay))
        extra = SourceTree(files=dict(tests))
        wanted = needs.wanted(whole, self.upstream, self.suite, extra)
        if wanted == needs.wanted(whole, self.upstream, self.suite, SourceTree(files={})):
            return runner
        try:
            made = _environment(self.pin, wanted, self.settings, self.config)
        except AvrError:  # the tests then say themselves what they lack
            return runner
        return replace(runner, environment=made)


def prepare(pin: Pin, upstream: SourceTree | None, *, settings: Settings, config: NpmConfig) -> NpmBench:
    """A bench for a pin; never raises for what the package is like: `silent` and `problem` say why nothing runs.

    Raises `AvrError` `registry.unreachable`, `npm.missing` or `store.disk-full`.
    """
    found = suite.find(pin.tree, upstream)
    facts = {"suite": found.origin, "runner": found.kind.value, "script": found.script}
    bench = NpmBench(
        pin=pin, settings=settings, config=config, suite=found, facts=facts, upstream=upstream, silent=found.problem
    )
    if (why := sandbox.problem()) is not None:
        return replace(bench, problem=f"no sandbox: {why}")
    program = nodes.node()
    facts = {**facts, "node": ".".join(map(str, nodes.version(program)))}
    if found.problem:
        return replace(bench, facts={**facts, "silent": found.problem})
    wanted = needs.wanted(pin.tree.replacing(dict(found.overlay)), upstream, found, SourceTree(files={}))
    name = needs.runner(found)
    if name and name not in wanted:
        return replace(bench, facts=facts, silent=f"the package names no version of its runner {name}")
    try:
        made, told = _first(pin, wanted, settings, config)
    except AvrError as error:
        if not error.code.startswith("bench."):
            raise
        return replace(bench, facts=facts, silent=error.message)
    runner = Runner(environment=made, suite=found, node=program, blobs=BlobStore(settings.cache / "blobs"))
    isolated = {f"sandbox {name}": value for name, value in sandbox.facts().items()}
    more = {"lock": digest_of(made.lock), "dependencies": " ".join(made.exact), **isolated, **told}
    return replace(bench, facts={**facts, **more}, runner=runner)


def _first(
    pin: Pin, wanted: Mapping[str, str], settings: Settings, config: NpmConfig
) -> tuple[Environment, dict[str, str]]:
    """The environment, if need be with a stand-in for a runner that cannot be had, which the facts then tell."""
    try:
        return _environment(pin, wanted, settings, config), {}
    except AvrError as error:
        lent = {name: version for name, version in _STAND_INS.items() if name in wanted}
        if error.code != "bench.resolve" or not lent:
            raise
    told = ", ".join(f"{name} {version} for {wanted[name]}" for name, version in sorted(lent.items()))
    return _environment(pin, {**wanted, **lent}, settings, config), {"stand_in": told}


def _environment(pin: Pin, wanted: Mapping[str, str], settings: Settings, config: NpmConfig) -> Environment:
    cache = settings.cache / "npm"
    asked = Wanted(pin=pin, packages=wanted, options=OPTIONS)
    return environment.of(asked, Client(config=config, cache=cache / "client"), cache)


def _none(why: str) -> TestRun:
    return TestRun(command=(), results={}, exit_code=None, seconds=0.0, problem=why or "no suite")
