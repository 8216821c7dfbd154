"""Versions by the rules of PEP 440, https://packaging.python.org/en/latest/specifications/version-specifiers/."""

from packaging.version import InvalidVersion, Version


def parse(text: str) -> Version | None:
    """The version that `text` spells, or None where it is none by PEP 440."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


def same(left: str, right: str) -> bool:
    """Whether two texts spell the same version: `1.0` and `1.0.0` do; a text that is no version equals itself only."""
    one, other = parse(left), parse(right)
    return left == right if one is None or other is None else one == other


def suffix(version: str, revision: int) -> str:
    """What is appended for our revision of `version`: `+avr.1`, or `.avr.1` where there is a local part already."""
    return f"{'.' if '+' in version else '+'}avr.{revision}"


def patched(version: str, revision: int) -> str:
    """The version of our patched release: `2.11.2+avr.1`, `1.0+cu118.avr.1`; it satisfies `==` of a public pin."""
    return str(Version(version + suffix(version, revision)))
