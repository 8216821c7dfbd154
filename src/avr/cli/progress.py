"""Live progress on a terminal, one line per event elsewhere, nothing when asked to be quiet."""

import sys
import threading
import time
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from avr.model.component import Component
from avr.model.report import ComponentReport


class LiveProgress:
    """Shows each component with its stage and time on stderr while it is worked on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._live = Live(console=console, transient=True, refresh_per_second=4, get_renderable=self._table)

    def __enter__(self) -> Self:
        """Start drawing."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop drawing."""
        self._live.stop()

    def stage(self, component: Component, name: str) -> None:
        """Show that work on `component` entered a stage."""
        with self._lock:
            self._rows[str(component)] = (name, time.monotonic())

    def done(self, report: ComponentReport) -> None:
        """Replace the component's row by a lasting line."""
        with self._lock:
            self._rows.pop(str(report.component), None)
        self._console.print(ending(report), markup=False, highlight=False)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        with self._lock:
            for name, (stage, since) in self._rows.items():
                table.add_row(f"  {name}", stage, f"{time.monotonic() - since:.0f} s")
        return table


class LineProgress:
    """Writes one line on stderr when a component enters a stage and when it ends: for pipes and CI logs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Nothing to start."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to stop."""

    def stage(self, component: Component, name: str) -> None:
        """Write the stage."""
        self._write(f"{component}: {name} ...")

    def done(self, report: ComponentReport) -> None:
        """Write how it ended."""
        self._write(ending(report))

    def _write(self, line: str) -> None:
        with self._lock:
            print(line, file=sys.stderr, flush=True)


class QuietProgress:
    """Says nothing."""

    def __enter__(self) -> Self:
        """Nothing to start."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to stop."""

    def stage(self, component: Component, name: str) -> None:
        """Say nothing."""

    def done(self, report: ComponentReport) -> None:
        """Say nothing."""


def chosen(*, quiet: bool) -> LiveProgress | LineProgress | QuietProgress:
    """Live on a terminal, lines in a pipe, nothing when `quiet`."""
    if quiet:
        return QuietProgress()
    return LiveProgress(Console(stderr=True)) if sys.stderr.isatty() else LineProgress()


def ending(report: ComponentReport) -> str:
    """How a component ended, on one line."""
    seconds = sum(report.seconds.values())
    return f"{report.component}: {report.state} {report.assurance} ({seconds:.1f} s)"
