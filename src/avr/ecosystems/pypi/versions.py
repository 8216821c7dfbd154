"""Versions by the rules of PEP 440, https://packaging.python.org/en/latest/specifications/version-specifiers/."""

import re
from functools import lru_cache

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_OURS = re.compile(r"(?P<base>.+)[+.]avr\.(?P<revision>\d+)\Z")


@lru_cache(maxsize=1 << 16)
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


def public(version: str) -> str:
    """The public part of a version: `2.11.2` of `2.11.2+avr.1`; a text that is no version stays as it is."""
    exact = parse(version)
    return version if exact is None else exact.public


def revision(version: str) -> tuple[str, int]:
    """Upstream's own version and our revision of it: `2.11.2+avr.1` is revision 1 of `2.11.2`, which is revision 0."""
    match = _OURS.match(version) if "+" in version else None
    return (match["base"], int(match["revision"])) if match else (version, 0)


def suffix(version: str, revision: int) -> str:
    """What is appended for our revision of `version`: `+avr.1`, or `.avr.1` where there is a local part already."""
    return f"{'.' if '+' in version else '+'}avr.{revision}"


def patched(version: str, revision: int) -> str:
    """The version of our patched release: `2.11.2+avr.1`, `1.0+cu118.avr.1`; it satisfies `==` of a public pin."""
    return str(Version(version + suffix(version, revision)))


def canonical(name: str) -> str:
    """The name by PEP 503: `jinja2` for `Jinja2`."""
    return canonicalize_name(name)
