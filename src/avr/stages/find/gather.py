"""Asks an advisory source about what an inventory holds."""

from collections.abc import Iterable
from typing import Protocol

from avr.model.advisory import Advisory
from avr.model.component import Inventory
from avr.model.finding import Finding
from avr.stages.find.decide import match


class AdvisorySource(Protocol):
    """Something that knows advisories by package, such as the advisory store."""

    def for_package(self, ecosystem: str, name: str) -> Iterable[Advisory]:
        """The advisories of one package, records of the same vulnerability merged, withdrawn ones dropped."""
        ...


def findings(inventory: Inventory, source: AdvisorySource) -> tuple[Finding, ...]:
    """Every finding of an inventory, in a deterministic order."""
    return match(inventory.components, source.for_package)
