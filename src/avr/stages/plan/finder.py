"""What every fix finder is given and what it answers."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from avr.ecosystems import schemes
from avr.ecosystems.interface import Pin
from avr.ecosystems.schemes import Scheme
from avr.model.finding import Finding
from avr.model.fix import Fix
from avr.model.identifiers import CommitId
from avr.model.source import SourceTree
from avr.stages.plan.kinds import packages_of
from avr.tools.git_mirror import Git

TreeOf = Callable[[str], SourceTree]
"""The unpacked source of another release of the same package; raises `AvrError` where there is none."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """One finding of one pin, and the world as far as finders may ask it.

    `versions` are the releases of the package, oldest first; `git` is None where upstream git must not be asked.
    """

    pin: Pin
    finding: Finding
    versions: Sequence[str]
    tree_of: TreeOf
    git: Git | None = None

    @cached_property
    def packages(self) -> frozenset[str]:
        """The top-level import names of the package, lower-case; empty where unknown."""
        told = packages_of(self.pin.tree, self.pin.component.name)
        return told or (_shipped(self.pin.wheel) if self.pin.wheel is not None else frozenset())

    @cached_property
    def scheme(self) -> Scheme:
        """How versions of the package are written and ordered."""
        return schemes.of(self.pin.component.ecosystem)

    @cached_property
    def nearest_fixed(self) -> str | None:
        """The first fixed release above the pin: on its own line of releases where that has one."""
        return nearest_fixed(self.finding, self.pin.component.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The fixes of one finder, best first, and why there are not more; `dates` are those of the named commits."""

    fixes: tuple[Fix, ...] = ()
    reasons: tuple[str, ...] = ()
    dates: Mapping[CommitId, datetime] = field(default_factory=dict)


def _shipped(wheel: Path) -> frozenset[str]:
    """What a wheel holds at its top, lower-case; names alone are read."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0].lower() for name in archive.namelist()}
    return frozenset(top.removesuffix(".py") for top in tops if not top.endswith((".dist-info", ".data")))


def nearest_fixed(finding: Finding, version: str) -> str | None:
    """The first release above `version` that the finding's advisory calls fixed."""
    parse = schemes.of(finding.component.ecosystem).parse
    own = parse(version)
    fixed = [(known, text) for text in finding.fixed_in if (known := parse(text)) is not None]
    above = sorted((each for each in fixed if own is None or each[0] > own), key=lambda each: each[0])
    return above[0][1] if above else None
