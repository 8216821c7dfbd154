"""npm as an ecosystem: the port that the stages see, each question answered by its own module."""

from collections.abc import Callable, Collection

from avr.ecosystems.interface import Bench, Built, Pin, Registry
from avr.ecosystems.npm import copies, rebuild, source, static
from avr.model.behaviour import ApiComparison
from avr.model.component import Component
from avr.model.source import SourceTree

Prepare = Callable[[Pin, SourceTree | None], Bench]
"""Prepares an environment for a pin's tests."""


class Npm:
    """Implements `Ecosystem` for packages of npm.

    `mtime` is the time of every file in rebuilt tarballs, in Unix seconds.
    """

    def __init__(self, registry: Registry, *, prepare: Prepare, mtime: int) -> None:
        self.registry = registry
        self._prepare = prepare
        self._mtime = mtime

    def pin(self, component: Component) -> Pin:
        """See `avr.ecosystems.npm.source.pin`."""
        return source.pin(component, self.registry)

    def minimum_runtime(self, _tree: SourceTree) -> tuple[int, int] | None:
        """None: what `engines` says is not held against syntax, tests on this machine's node are."""
        return None

    def complete(self, before: SourceTree, after: SourceTree) -> SourceTree:
        """See `avr.ecosystems.npm.copies.complete`."""
        return copies.complete(before, after)

    def is_made(self, path: str, changed: Collection[str], pinned: SourceTree) -> bool:
        """See `avr.ecosystems.npm.copies.is_made`."""
        return copies.is_made(path, changed, pinned)

    def static_problems(self, before: SourceTree, after: SourceTree) -> tuple[str, ...]:
        """See `avr.ecosystems.npm.static.problems`."""
        return static.problems(before, after)

    def interface_changes(self, _before: SourceTree, _after: SourceTree) -> ApiComparison:
        """Nothing is compared: the bench does not watch behaviour, and gate G6 gives no evidence."""
        return ApiComparison()

    def bench(self, pin: Pin, suite: SourceTree | None) -> Bench:
        """Prepare an environment for the pin's tests."""
        return self._prepare(pin, suite)

    def rebuild(self, pin: Pin, patched: SourceTree, revision: int) -> Built:
        """See `avr.ecosystems.npm.rebuild.rebuild`."""
        return rebuild.rebuild(pin, patched, revision, self._mtime)
