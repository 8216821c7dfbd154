"""What we ship for one component: artifacts, documents and their digests."""

from dataclasses import dataclass

from avr.model.component import Component
from avr.model.identifiers import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file of a release; `path` is relative to the output folder, `role` says what: `wheel`, `tarball`, `patch`."""

    path: str
    role: str
    sha256: Digest
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A patched version: `version` is the pin's own with a local suffix, `2.11.2+avr.1` (PEP 440)."""

    component: Component
    version: str
    artifacts: tuple[Artifact, ...]
