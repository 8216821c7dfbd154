"""Versions and ranges of npm, judged by npm's own library where the machine has it."""

import itertools
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from avr.ecosystems.npm.versions import is_range, ordered, parse, patched, same, satisfies

DATA = json.loads(Path(__file__).with_name("semver.json").read_text())
ASK = """const semver = require(process.argv[1]), [versions, ranges] = JSON.parse(require('fs').readFileSync(0));
const good = versions.filter((one) => semver.valid(one));
console.log(JSON.stringify({
  valid: versions.map((one) => semver.valid(one)),
  order: good.map((one) => good.map((two) => semver.compare(one, two))),
  range: ranges.map((one) => semver.validRange(one) !== null),
  satisfies: versions.map((one) => ranges.map((two) => semver.satisfies(one, two))),
}));"""


def npm_says(versions: list[str], ranges: list[str]) -> dict[str, Any]:
    """What npm's own library answers."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed, so there is nothing to compare with")
    library = Path(npm).resolve().parents[1] / "node_modules" / "semver"
    if not library.is_dir():
        pytest.skip(f"this npm has no semver library of its own at {library}")
    done = subprocess.run(
        [node, "-e", ASK, str(library)],
        input=json.dumps([versions, ranges]),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def drawn(seed: int) -> tuple[list[str], list[str]]:
    """Versions and ranges made of small parts, so that many of them meet."""
    chance = random.Random(seed)  # noqa: S311 - the same every time is what is wanted

    def part() -> str:
        return chance.choice(["0", "1", "2", "3", "10"])

    def version() -> str:
        tail = chance.choice(["", "", "", "-0", "-alpha", "-alpha.1", "-rc.10", "+b", "-avr.1"])
        return f"{part()}.{part()}.{part()}{tail}"

    def piece() -> str:
        short = ".".join(chance.choice([part(), "x"]) for _ in range(chance.randint(1, 3)))
        body = chance.choice([version(), version(), short])
        return chance.choice(["", "^", "~", ">", ">=", "<", "<=", "="]) + body

    def spec() -> str:
        ands = [" ".join(piece() for _ in range(chance.randint(1, 2))) for _ in range(chance.randint(1, 2))]
        return chance.choice([" || ".join(ands), f"{version()} - {version()}"])

    return [version() for _ in range(40)], [spec() for _ in range(60)]


@pytest.mark.parametrize(
    ("versions", "ranges"), [(DATA["versions"], DATA["ranges"]), *(drawn(seed) for seed in range(3))]
)
def test_npm_itself_says_the_same(versions: list[str], ranges: list[str]) -> None:
    """Spelling, order, what is a range and what lies in it, all as the reference says."""
    npm = npm_says(versions, ranges)
    found = [parse(each) for each in versions]
    good = [each for each in found if each is not None]
    assert npm["valid"] == [None if each is None else each.text for each in found]
    assert npm["order"] == [[(one > two) - (one < two) for two in good] for one in good]
    assert [] == [(each, said) for each, said in zip(ranges, npm["range"], strict=True) if said is not is_range(each)]
    pairs = itertools.product(versions, ranges)
    answers = itertools.chain.from_iterable(npm["satisfies"])
    assert [] == [(pair, said) for pair, said in zip(pairs, answers, strict=True) if said is not satisfies(*pair)]


def test_versions_are_ordered_and_keep_their_spelling() -> None:
    """A prerelease comes before its release; numbers are numbers; what is no version is left out."""
    assert ("1.0.0-rc.2", "1.0.0-rc.10", "1.0.0", "1.9.0", "1.10.0") == ordered(
        ["1.10.0", "1.0.0", "1.0.0-rc.10", "next", "1.9.0", "1.0.0-rc.2"]
    )


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("1.0.0", "v1.0.0", True), ("1.0.0+a", "1.0.0+b", True), ("1.0.0", "1.0.1", False), ("x", "x", True)],
)
def test_one_version_has_several_spellings(left: str, right: str, expected: bool) -> None:
    """Build metadata and a `v` make no other version."""
    assert expected is same(left, right)


def test_our_releases_have_versions_that_only_their_name_chooses() -> None:
    """A patched release is a prerelease of the same number, below it, and no range of the plain version holds it."""
    ours = patched("4.17.15", 1)
    assert ("4.17.15-avr.1", "1.0.0-rc.1.avr.2") == (ours, patched("1.0.0-rc.1+build", 2))
    assert not satisfies(ours, "^4.17.15")
    assert satisfies(ours, "4.17.15-avr.1")


def test_what_would_take_for_ever_is_no_version() -> None:
    """Hostile lengths are refused before any pattern sees them."""
    assert parse("1.0.0-" + "a" * 300) is None
    assert not is_range("1 ||" * 10_000)
    assert parse("9" * 5000 + ".0.0") is None
