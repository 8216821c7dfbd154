"""What the edge is told while work goes on."""

from typing import Protocol

from avr.model.component import Component
from avr.model.report import ComponentReport


class Progress(Protocol):
    """Called from worker threads; implementations lock for themselves."""

    def stage(self, component: Component, name: str) -> None:
        """Work on `component` entered the stage `name`: fetch, plan, patch, validate, build or deliver."""
        ...

    def done(self, report: ComponentReport) -> None:
        """Work on the report's component ended."""
        ...


class Silent:
    """Tells nobody."""

    def stage(self, component: Component, name: str) -> None:
        """Do nothing."""

    def done(self, report: ComponentReport) -> None:
        """Do nothing."""
