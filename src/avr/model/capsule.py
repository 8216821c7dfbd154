"""What a proof capsule says: what was fixed, from which files, and what a run of its tests and exploits must show."""

from dataclasses import dataclass

from avr.model.component import Component
from avr.model.identifiers import AdvisoryId, Assurance, Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """One file of a package's release, by name and digest and never by address: whoever needs it knows an index."""

    package: str
    version: str
    filename: str
    sha256: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The environment in which something was proved: the interpreter's version and one file for each dependency.

    `script` is the tree's own program that runs its tests; empty for pytest. `lock` is the lock file itself where the
    ecosystem's own client reads it again, and names the packages then.
    """

    interpreter: tuple[int, int, int]
    packages: tuple[NamedFile, ...]
    script: str = ""
    lock: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is claimed of one advisory: tests that are red before and green after, exploits that fire and are blocked.

    Exploits are named by their files in the capsule. `names` are all ids of the advisory.
    """

    advisory: AdvisoryId
    names: tuple[AdvisoryId, ...]
    assurance: Assurance
    turned_green: tuple[str, ...]
    blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsuleClaim:
    """The claim of a capsule: the pin's original files, the patched version, and what to expect of each advisory.

    `lock` is the member that names the environment.
    """

    component: Component
    version: str
    originals: tuple[NamedFile, ...]
    lock: str
    expected: tuple[Expected, ...]
    tool_version: str
