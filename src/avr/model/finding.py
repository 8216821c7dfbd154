"""A component met by an advisory."""

from dataclasses import dataclass, replace

from avr.model.advisory import Advisory
from avr.model.component import Component
from avr.model.identifiers import AdvisoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One vulnerability that an advisory states of one component.

    `why` says which range or enumerated version matched; `fixed_in` lists the first fixed releases that the advisory
    names, oldest first; `score` is the CVSS base score (0 to 10) where a vector is known.
    """

    component: Component
    advisory: Advisory
    why: str
    fixed_in: tuple[str, ...] = ()
    score: float | None = None

    def without_prose(self) -> "Finding":
        """The finding as documents tell of it: the advisory's long text and code are its author's, and stay at home."""
        return replace(self, advisory=self.advisory.without_prose())

    @property
    def id(self) -> AdvisoryId:
        """The advisory's best known name."""
        return self.advisory.name
