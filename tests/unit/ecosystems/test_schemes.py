"""Versions and names by the rules of each ecosystem."""

import pytest

from avr.ecosystems import schemes


@pytest.mark.parametrize(
    ("ecosystem", "version", "expected"),
    [
        ("PyPI", "2.11.2+avr.3", ("2.11.2", 3)),
        ("PyPI", "1.0+cu118.avr.1", ("1.0+cu118", 1)),
        ("PyPI", "2.11.2", ("2.11.2", 0)),
        ("npm", "4.17.15-avr.2", ("4.17.15", 2)),
        ("npm", "1.0.0-rc.1.avr.1", ("1.0.0-rc.1", 1)),
        ("npm", "1.0.0-beta", ("1.0.0-beta", 0)),
    ],
)
def test_our_revisions_are_told_from_upstreams_versions(
    ecosystem: str, version: str, expected: tuple[str, int]
) -> None:
    """A patched version is taken apart into what it was made from and its number, and made again from them."""
    scheme = schemes.of(ecosystem)
    assert scheme.revision(version) == expected
    assert expected[1] == 0 or scheme.patched(*expected) == version


def test_advisories_know_no_versions_of_ours() -> None:
    """The public version is upstream's own; a local part of PyPI is dropped as well."""
    assert schemes.of("npm").public("4.17.15-avr.1") == "4.17.15"
    assert schemes.of("npm").public("4.17.15-rc.1") == "4.17.15-rc.1"
    assert schemes.of("PyPI").public("1.0+cu118") == "1.0"


def test_names_are_compared_as_their_ecosystem_does() -> None:
    """PyPI folds case and punctuation, npm does not; an unknown ecosystem's names are taken as they are."""
    assert schemes.canonical("PyPI", "Ruamel_Yaml") == "ruamel-yaml"
    assert schemes.canonical("npm", "JSONStream") == "JSONStream"
    assert schemes.canonical("RubyGems", "A_b") == "A_b"


def test_an_unknown_ecosystem_has_no_scheme() -> None:
    """Nothing is compared by rules that are not the ecosystem's."""
    with pytest.raises(ValueError, match="RubyGems"):
        schemes.of("RubyGems")
