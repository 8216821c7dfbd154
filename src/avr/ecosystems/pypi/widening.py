"""A wider environment for a fix's tests, which may use plug-ins and packages that the pin's own suite does not."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from avr.ecosystems.pypi import testrun, wishes
from avr.ecosystems.pypi.testrun import Runner
from avr.model.evidence import TestRun
from avr.model.source import SourceTree

Widen = Callable[[frozenset[str]], Runner | None]
"""A runner whose environment also has these packages, as of the pin's date; None where there is no such environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """Finds what given tests lack and makes an environment with it, once for each set of packages.

    `own` are the names of modules that the tree and its suite define themselves.
    """

    base: Runner
    widen: Widen
    own: frozenset[str]
    _made: dict[frozenset[str], Runner | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def runner(self, tests: Mapping[str, bytes]) -> Runner:
        """The runner for these tests: the base, or one with the plug-ins whose fixtures and marks they use."""
        if not tests:
            return self.base
        return self._with(wishes.plugins(SourceTree(files=dict(tests)), tuple(tests))) or self.base

    def again(self, runner: Runner, run: TestRun) -> Runner | None:
        """A runner with the packages for lack of which files could not be imported; None where nothing is to gain."""
        if run.log is None or not any(test.startswith("::") for test in run.results):
            return None
        return self.beyond(runner, testrun.missing_modules(runner.blobs.get(run.log).decode("utf-8", "replace")))

    def beyond(self, runner: Runner, missing: Iterable[str]) -> Runner | None:
        """A runner with the packages of missing modules as well; None where nothing is to gain."""
        found = self._with(runner.environment.names - self.base.environment.names | wishes.packages(missing, self.own))
        return found if found and found.environment.names - runner.environment.names else None

    def _with(self, names: frozenset[str]) -> Runner | None:
        lacking = names - self.base.environment.names
        if not lacking:
            return self.base
        with self._lock:
            if lacking not in self._made:
                self._made[lacking] = self.widen(lacking)
            return self._made[lacking]
