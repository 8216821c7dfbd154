"""Versions and ranges as npm reads them: https://semver.org and https://github.com/npm/node-semver#ranges.

`nodesemver` is a port of npm's own algorithm. Where it is more lenient than npm of today, the strict answer is given
here: a test compares both on the npm of the machine.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, total_ordering

import nodesemver

_LARGEST = 2**53 - 1
"""JavaScript's largest exact integer; npm refuses versions and ranges with larger parts."""
_LONGEST = 256
_NUMBER = re.compile(r"\d+")
_OURS = re.compile(r"(?P<base>.+)[-.]avr\.(?P<revision>\d+)\Z")
_EXACT_AFTER_WILDCARD = re.compile(r"(?:^|[\s|<>=v])(?:\d+\.)?[xX*](?:\.[xX*])?\.\d")
"""`1.x.3`: no range for npm; `^1.x.3` and `~1.x.3` are."""


@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version in npm's own spelling, without build metadata; ordered by precedence."""

    text: str

    def __str__(self) -> str:
        """The spelling that the registry uses."""
        return self.text

    def __lt__(self, other: "Version") -> bool:
        """Whether this one comes first by semantic versioning, section 11."""
        return bool(nodesemver.compare(self.text, other.text, loose=False) < 0)

    @property
    def is_prerelease(self) -> bool:
        """Whether this comes before the release of the same number."""
        return "-" in self.text


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> Version | None:
    """The version that `text` spells, or None where npm takes it for none; `v1.2.3` and `1.2.3+build` are `1.2.3`."""
    if len(text) > _LONGEST or _too_large(text.partition("-")[0]):
        return None
    try:
        return Version(text=str(nodesemver.make_semver(text, loose=False).version))
    except ValueError:
        return None


def same(left: str, right: str) -> bool:
    """Whether two texts spell the same version; a text that is no version equals itself only."""
    one, other = parse(left), parse(right)
    return left == right if one is None or other is None else one == other


def is_range(spec: str) -> bool:
    """Whether npm takes `spec` for a range of versions; tags, URLs and paths are none."""
    if len(spec) > 4 * _LONGEST or _too_large(spec) or _EXACT_AFTER_WILDCARD.search(spec):
        return False
    return nodesemver.valid_range(spec, loose=False) is not None


def satisfies(version: str, spec: str) -> bool:
    """Whether `version` lies in the range `spec`; what is no version or no range never does.

    A prerelease lies only in ranges that name a prerelease of the same number.
    """
    found = parse(version)
    if found is None or not is_range(spec):
        return False
    alternatives = ["*"] if any(map(_any, spec.split("||"))) else spec.split("||")
    return any(_within(found, each) for each in alternatives)


def ordered(texts: Iterable[str]) -> tuple[str, ...]:
    """The versions among `texts` as they are spelt, oldest first; others are left out."""
    found = [(version, text) for text in texts if (version := parse(text)) is not None]
    return tuple(text for _, text in sorted(found))


def patched(version: str, revision: int) -> str:
    """The version of our patched release: `4.17.15-avr.1`, `1.0.0-rc.1.avr.1`.

    The registry drops build metadata, so that a prerelease is the only room there is; no range of a plain version
    chooses it, a project has to name it.
    """
    base = version.partition("+")[0]
    return f"{base}{'.' if '-' in base else '-'}avr.{revision}"


def revision(version: str) -> tuple[str, int]:
    """Upstream's own version and our revision: `4.17.15-avr.1` is revision 1 of `4.17.15`, which is revision 0."""
    match = _OURS.match(version)
    return (match["base"], int(match["revision"])) if match else (version, 0)


def public(version: str) -> str:
    """The version as advisories know it: upstream's own."""
    return revision(version)[0]


def canonical(name: str) -> str:
    """The name as it is: npm tells upper from lower case."""
    return name


def _any(alternative: str) -> bool:
    """Whether this holds every release: npm then forgets the other alternatives, and with them their prereleases."""
    return [str(each) for each in _comparators(alternative)] in (["*"], [""], [">=0.0.0"])


def _comparators(alternative: str) -> list[nodesemver.Comparator]:
    return list(nodesemver.make_range(alternative, loose=False).set[0])


def _within(version: Version, alternative: str) -> bool:
    if not nodesemver.satisfies(version.text, alternative, loose=False):
        return False
    return not version.is_prerelease or not _made_bound(version.text.partition("-")[0], alternative)


def _made_bound(release: str, alternative: str) -> bool:
    """Whether a caret, tilde or wildcard ends right below `release`: npm's bound then excludes its prereleases too."""
    written = re.search(rf"<\s*v?\s*{re.escape(release)}(?![-.\w])", alternative)
    return not written and any(f"{each.operator}{each.semver}" == f"<{release}" for each in _comparators(alternative))


def _too_large(text: str) -> bool:
    return any(len(number) > 16 or int(number) > _LARGEST for number in _NUMBER.findall(text))
