"""Reads a package URL, https://github.com/package-url/purl-spec, as an inventory of one component."""

from avr.errors import UsageError
from avr.model.component import Component, Inventory, Location
from avr.model.identifiers import EcosystemName


def read(text: str) -> Inventory:
    """The one component that a purl such as `pkg:pypi/jinja2@2.11.2` names.

    Raises `UsageError` when the text is no purl, names another ecosystem, or names no exact version.
    """
    from packageurl import PackageURL
    from packaging.utils import canonicalize_name

    try:
        purl = PackageURL.from_string(text)
    except ValueError as error:
        raise UsageError(
            "purl.invalid", f"{text!r} is no package URL: {error}", hint="write pkg:pypi/NAME@VERSION"
        ) from error
    if purl.type != "pypi" or purl.namespace:
        raise UsageError(
            "purl.ecosystem", f"{text!r} is no package of PyPI, the only ecosystem so far", hint="write pkg:pypi/..."
        )
    component = Component(
        ecosystem=EcosystemName.PYPI,
        name=canonicalize_name(purl.name),
        version=_version(text, purl.version),
        locations=(Location(path=text),),
    )
    return Inventory(target=text, components=(component,))


def _version(text: str, version: str | None) -> str:
    from packaging.version import InvalidVersion, Version

    if not version:
        raise UsageError("purl.version", f"{text!r} names no version", hint=f"write {text.rstrip('@')}@VERSION")
    try:
        return str(Version(version))
    except InvalidVersion as error:
        raise UsageError(
            "purl.version", f"{version!r} is no version by PEP 440", hint="write an exact version such as 2.11.2"
        ) from error
