"""The Python Package Index as an ecosystem: the port that the stages see, each question answered by its own module."""

from collections.abc import Callable, Collection

from avr.ecosystems.interface import Bench, Built, Pin, Registry
from avr.ecosystems.pypi import rebuild, source, static
from avr.ecosystems.pypi.behaviour import api
from avr.model.behaviour import ApiComparison
from avr.model.component import Component
from avr.model.source import SourceTree

Prepare = Callable[[Pin, SourceTree | None], Bench]
"""Prepares an environment for a pin's tests."""
Builders = Callable[[Pin], rebuild.WheelBuilder | None]
"""Gives what can build wheels of a pin in the sandbox; None where nothing can."""


class PyPI:
    """Implements `Ecosystem` for Python packages.

    `mtime` is the time of every file in rebuilt archives, in Unix seconds.
    """

    def __init__(self, registry: Registry, *, prepare: Prepare, builders: Builders, mtime: int) -> None:
        self.registry = registry
        self._prepare = prepare
        self._builders = builders
        self._mtime = mtime

    def pin(self, component: Component) -> Pin:
        """See `avr.ecosystems.pypi.source.pin`."""
        return source.pin(component, self.registry)

    def minimum_runtime(self, tree: SourceTree) -> tuple[int, int] | None:
        """See `avr.ecosystems.pypi.static.minimum_runtime`."""
        return static.minimum_runtime(tree)

    def complete(self, _before: SourceTree, after: SourceTree) -> SourceTree:
        """Nothing to add: what a package builds of its sources is built anew, or `rebuild` says so."""
        return after

    def is_made(self, _path: str, _changed: Collection[str], _pinned: SourceTree) -> bool:
        """Every file of a fix is carried or named."""
        return False

    def static_problems(self, before: SourceTree, after: SourceTree) -> tuple[str, ...]:
        """See `avr.ecosystems.pypi.static.static_problems`."""
        return static.static_problems(before, after)

    def interface_changes(self, before: SourceTree, after: SourceTree) -> ApiComparison:
        """See `avr.ecosystems.pypi.behaviour.api.compare`."""
        return api.compare(before, after)

    def bench(self, pin: Pin, suite: SourceTree | None) -> Bench:
        """Prepare an environment for the pin's tests."""
        return self._prepare(pin, suite)

    def rebuild(self, pin: Pin, patched: SourceTree, revision: int) -> Built:
        """See `avr.ecosystems.pypi.rebuild.rebuild`."""
        return rebuild.rebuild(pin, patched, revision, self._mtime, self._builders(pin))
