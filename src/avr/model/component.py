"""A thing we have: one package at one exact version, and where it was found."""

from dataclasses import dataclass
from urllib.parse import quote

from avr.model.identifiers import EcosystemName, Purl


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a component was found: a file and, for a manifest, the first line (from 1) of its entry."""

    path: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A package at an exact version.

    `name` is normalised for its ecosystem (PEP 503 for PyPI; as it is for npm, with its scope); `hashes` are the
    ones the manifest demands: in pip's form `sha256:<hex>`, in npm's `sha512-<base64>`.
    """

    ecosystem: EcosystemName
    name: str
    version: str
    locations: tuple[Location, ...] = ()
    hashes: tuple[str, ...] = ()

    @property
    def purl(self) -> Purl:
        """The package URL without qualifiers; `+` and a scope's `@` are percent-encoded as the specification asks."""
        return Purl(f"pkg:{self.ecosystem.lower()}/{quote(self.name)}@{self.version.replace('+', '%2B')}")

    @property
    def slug(self) -> str:
        """The name as files and folders bear it: `scope+name` for `@scope/name`, which no other package is called."""
        return self.name.removeprefix("@").replace("/", "+")

    def __str__(self) -> str:
        """The component as people write it: `jinja2 2.11.2`."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """An entry of the target that names no exact version of a package, and why it was passed over."""

    text: str
    code: str
    why: str
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What a target holds: its components, and the entries that could not be read as such."""

    target: str
    components: tuple[Component, ...]
    unresolved: tuple[Unresolved, ...] = ()
