"""Reads a package URL, https://github.com/package-url/purl-spec, as an inventory of one component."""

from avr.ecosystems import schemes
from avr.errors import UsageError
from avr.model.component import Component, Inventory, Location
from avr.model.identifiers import EcosystemName

_TYPES = {each.lower(): each for each in EcosystemName}


def read(text: str) -> Inventory:
    """The one component that a purl such as `pkg:pypi/jinja2@2.11.2` or `pkg:npm/%40scope/name@1.0.0` names.

    Raises `UsageError` when the text is no purl, names another ecosystem, or names no exact version.
    """
    ecosystem, name, version = parts(text)
    component = Component(
        ecosystem=ecosystem,
        name=name,
        version=_version(text, version, ecosystem),
        locations=(Location(path=text),),
    )
    return Inventory(target=text, components=(component,))


def parts(text: str) -> tuple[EcosystemName, str, str | None]:
    """Ecosystem, name as it is compared, and version where there is one; raises `UsageError` as `read` does."""
    from packageurl import PackageURL

    try:
        purl = PackageURL.from_string(text)
    except ValueError as error:
        raise UsageError(
            "purl.invalid", f"{text!r} is no package URL: {error}", hint="write pkg:pypi/NAME@VERSION"
        ) from error
    ecosystem = _TYPES.get(purl.type)
    scoped = ecosystem is EcosystemName.NPM
    if ecosystem is None or (purl.namespace and not scoped):
        raise UsageError(
            "purl.ecosystem",
            f"{text!r} is no package of PyPI or npm, the only ecosystems so far",
            hint="write pkg:pypi/... or pkg:npm/...",
        )
    name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
    return ecosystem, schemes.of(ecosystem).canonical(name), purl.version


def _version(text: str, version: str | None, ecosystem: EcosystemName) -> str:
    if not version:
        raise UsageError("purl.version", f"{text!r} names no version", hint=f"write {text.rstrip('@')}@VERSION")
    exact = schemes.of(ecosystem).parse(version)
    if exact is None:
        raise UsageError(
            "purl.version", f"{version!r} is no version of {ecosystem}", hint="write an exact version such as 2.11.2"
        )
    return str(exact)
