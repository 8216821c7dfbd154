"""What someone states about a vulnerability: one record in the shape of the OSV schema."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from avr.model.identifiers import AdvisoryId


class RangeType(StrEnum):
    """How the events of a range are ordered, https://ossf.github.io/osv-schema/#affectedrangestype-field."""

    ECOSYSTEM = "ECOSYSTEM"
    SEMVER = "SEMVER"
    GIT = "GIT"


class ReferenceType(StrEnum):
    """What a reference points at, https://ossf.github.io/osv-schema/#references-field."""

    ADVISORY = "ADVISORY"
    ARTICLE = "ARTICLE"
    DETECTION = "DETECTION"
    DISCUSSION = "DISCUSSION"
    REPORT = "REPORT"
    FIX = "FIX"
    INTRODUCED = "INTRODUCED"
    GIT = "GIT"
    PACKAGE = "PACKAGE"
    EVIDENCE = "EVIDENCE"
    WEB = "WEB"


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeEvent:
    """One turning point of a range; exactly one of the fields is set."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedRange:
    """Affected versions between events; for GIT ranges the events are commits of `repo`."""

    type: RangeType
    events: tuple[RangeEvent, ...]
    repo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPackage:
    """A package in an ecosystem with its affected ranges and enumerated affected versions."""

    ecosystem: str
    name: str
    ranges: tuple[AffectedRange, ...] = ()
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A link that the advisory gives."""

    type: ReferenceType
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A severity vector, such as type `CVSS_V3` and score `CVSS:3.1/AV:N/...`."""

    type: str
    score: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBlock:
    """Code that stands in the prose of one record, as its author wrote it; nobody has looked at it."""

    record: AdvisoryId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One OSV record, or several records of the same vulnerability merged by their shared ids.

    `aliases` holds every other id (CVE, GHSA, PYSEC are names of one thing). `summary` and `details` are empty in
    the bundled snapshot, which carries facts only. `code` are the blocks in `details` that may be Python.
    """

    id: AdvisoryId
    aliases: tuple[AdvisoryId, ...] = ()
    modified: datetime
    published: datetime | None = None
    withdrawn: datetime | None = None
    summary: str = ""
    details: str = ""
    code: tuple[CodeBlock, ...] = ()
    affected: tuple[AffectedPackage, ...] = ()
    references: tuple[Reference, ...] = ()
    severity: tuple[Score, ...] = ()
    cwes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def without_prose(self) -> "Advisory":
        """What may be published: the long text and the code in it are their author's."""
        return replace(self, details="", code=())

    @property
    def ids(self) -> tuple[AdvisoryId, ...]:
        """Every id of this vulnerability, this record's own first."""
        return (self.id, *self.aliases)

    @property
    def name(self) -> AdvisoryId:
        """The id people know it by: the CVE where there is one."""
        cves = sorted(each for each in self.ids if each.startswith("CVE-"))
        return AdvisoryId(cves[0]) if cves else self.id
