"""Carry upstream fixes onto a pinned tree: the backport engine, a ladder of pure functions over values."""

from avr.stages.patch.ladder import backport

__all__ = ["backport"]
