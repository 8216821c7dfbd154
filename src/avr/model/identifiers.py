"""Names and closed sets that every noun shares."""

from enum import StrEnum
from typing import NewType

AdvisoryId = NewType("AdvisoryId", str)
"""An advisory's identifier as its source writes it: `CVE-2020-28493`, `PYSEC-2021-66`, `GHSA-g3rq-g295-4j3m`."""

CommitId = NewType("CommitId", str)
"""A full git commit id, 40 lower-case hex digits."""

Digest = NewType("Digest", str)
"""A SHA-256 digest as 64 lower-case hex digits, without an algorithm prefix."""

Purl = NewType("Purl", str)
"""A package URL, https://github.com/package-url/purl-spec: `pkg:pypi/jinja2@2.11.2`."""


class EcosystemName(StrEnum):
    """Ecosystems by their OSV names, https://ossf.github.io/osv-schema/#affectedpackage-field."""

    PYPI = "PyPI"
    NPM = "npm"


class Gate(StrEnum):
    """The checks of validation, in order of strength; see docs/explanation/assurance.md."""

    APPLIES = "G0"
    SOUND = "G1"
    BUILDS = "G2"
    NO_REGRESSION = "G3"
    SECURITY_TEST = "G4"
    EXPLOIT = "G5"
    BEHAVIOUR = "G6"
    NECESSITY = "G5N"
    """Beside the gates: whether each hunk is needed. It speaks of the proof's strength and is part of no level."""


class Assurance(StrEnum):
    """How much evidence stands behind a release; computed from evidence, never set."""

    NONE = "-"
    PORTED = "A0"
    BUILT = "A1"
    NO_REGRESSION_SEEN = "A2"
    FIXED = "A3"
    PROVED_TWICE = "A4"

    def __ge__(self, other: str) -> bool:
        """Order by strength, so that `level >= Assurance.FIXED` reads as it should."""
        order = list(Assurance)
        return order.index(self) >= order.index(Assurance(other))


class State(StrEnum):
    """How work on one finding ended."""

    FIXED = "fixed"
    ALREADY_FIXED = "already_fixed"
    NOT_AFFECTED = "not_affected"
    NO_FIX_KNOWN = "no_fix_known"
    NEEDS_REVIEW = "needs_review"
    FAILED = "failed"
