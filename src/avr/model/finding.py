"""A component met by an advisory."""

from dataclasses import dataclass

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

    @property
    def id(self) -> AdvisoryId:
        """The advisory's best known name."""
        return self.advisory.name
