"""Which releases of a package a vulnerability is really open in, shown release by release."""

from dataclasses import dataclass
from enum import StrEnum

from avr.model.advisory import Advisory
from avr.model.evidence import Evidence
from avr.model.identifiers import EcosystemName


class Shown(StrEnum):
    """What the exploits showed of one release."""

    AFFECTED = "affected"
    """An exploit fired, or the fix's tests fail without it and pass with it."""
    UNAFFECTED = "not_affected"
    """Every exploit was blocked in every run; or the tests that show the hole elsewhere pass."""
    UNDECIDED = "undecided"
    """It could not be run there, or came to no verdict: what the advisory says stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedRelease:
    """One release: what the advisory claims of it, what was shown, and the runs behind that."""

    __test__ = False

    version: str
    claimed: bool
    shown: Shown
    why: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def affected(self) -> bool:
        """What is to be believed: what was shown, else what is claimed."""
        return self.claimed if self.shown is Shown.UNDECIDED else self.shown is Shown.AFFECTED

    @property
    def disagrees(self) -> bool:
        """Whether the advisory is shown to be wrong about it."""
        return self.affected != self.claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeCheck:
    """An advisory's ranges for one package, checked: `releases` are those that were tested, oldest first.

    `versions` are all releases of the index, oldest first; those that were not tested are as the advisory says.
    `exploits` are the names of the programs that were run, `tests` the fix's tests that show the hole somewhere.
    """

    ecosystem: EcosystemName
    package: str
    advisory: Advisory
    exploits: tuple[str, ...]
    releases: tuple[TestedRelease, ...]
    versions: tuple[str, ...]
    tests: tuple[str, ...] = ()

    @property
    def disagreeing(self) -> tuple[TestedRelease, ...]:
        """The releases about which the advisory is shown to be wrong."""
        return tuple(each for each in self.releases if each.disagrees)
