"""How each ecosystem writes and orders the versions and names of its packages, by the ecosystem's OSV name.

https://ossf.github.io/osv-schema/#affectedpackage-field. Pure: nothing is read and nothing is asked.
"""

from importlib import import_module
from typing import Protocol, Self, cast

from avr.model.identifiers import EcosystemName


class Version(Protocol):
    """A version, hashable and ordered among those of its own ecosystem; `str` gives its usual spelling."""

    @property
    def is_prerelease(self) -> bool:
        """Whether it comes before the release of the same number."""
        ...

    def __lt__(self, other: Self, /) -> bool: ...

    def __le__(self, other: Self, /) -> bool: ...

    def __gt__(self, other: Self, /) -> bool: ...

    def __ge__(self, other: Self, /) -> bool: ...


class Scheme(Protocol):
    """The rules of one ecosystem."""

    def parse(self, text: str) -> Version | None:
        """The version that `text` spells, or None where it spells none."""
        ...

    def public(self, version: str) -> str:
        """The version as advisories know it: without our suffix and, for PyPI, without a local part."""
        ...

    def revision(self, version: str) -> tuple[str, int]:
        """Upstream's own version and our revision of it; 0 where the version is upstream's."""
        ...

    def patched(self, version: str, revision: int) -> str:
        """The version of our patched release."""
        ...

    def canonical(self, name: str) -> str:
        """A package's name in the one spelling that is compared."""
        ...


_MODULES = {
    EcosystemName.PYPI: "avr.ecosystems.pypi.versions",
    EcosystemName.NPM: "avr.ecosystems.npm.versions",
}
"""Loaded when first asked for: what a target does not need costs no time."""


def of(ecosystem: EcosystemName | str) -> Scheme:
    """The rules of an ecosystem; raises `ValueError` for one that avr does not know."""
    return cast("Scheme", import_module(_MODULES[EcosystemName(ecosystem)]))


def canonical(ecosystem: str, name: str) -> str:
    """A package's name as it is compared; as it is written where avr does not know the ecosystem."""
    return of(ecosystem).canonical(name) if ecosystem in set(EcosystemName) else name
