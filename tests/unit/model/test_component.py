"""Package URLs of components."""

import pytest
from packageurl import PackageURL

from avr.model.component import Component
from avr.model.identifiers import EcosystemName


@pytest.mark.parametrize(
    ("ecosystem", "name", "version", "expected"),
    [
        (EcosystemName.PYPI, "jinja2", "2.11.2+avr.1", "pkg:pypi/jinja2@2.11.2%2Bavr.1"),
        (EcosystemName.NPM, "lodash", "4.17.15", "pkg:npm/lodash@4.17.15"),
        (EcosystemName.NPM, "@babel/traverse", "7.23.1", "pkg:npm/%40babel/traverse@7.23.1"),
    ],
)
def test_a_purl_is_spelt_as_the_specification_asks(
    ecosystem: EcosystemName, name: str, version: str, expected: str
) -> None:
    """The reference library reads the same name back; scopes are encoded namespaces."""
    purl = Component(ecosystem=ecosystem, name=name, version=version).purl
    read = PackageURL.from_string(purl)
    assert expected == purl
    assert (name, version) == ("/".join(part for part in (read.namespace, read.name) if part), read.version)
