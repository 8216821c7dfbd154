"""The evidence pack of a hunk without a place."""

from avr.stages.patch import backport
from avr.stages.patch.pack import MOST_SITES, evidence
from avr.testing import build

BEFORE = """def fetch(url, session):
    parts = parse_address(url)
    answer = session.get(parts.host, timeout=3)
    return answer.body
"""
AFTER = BEFORE.replace(
    "    answer = session.get(parts.host, timeout=3)\n", "    answer = guarded_get(session, parts)\n"
)
PIN = """def unrelated():
    return 1


def guarded_other():
    return 2


def fetch(url, session, retries):
    parts = parse_address(url)
    for attempt in range(retries):
        answer = session.get(host=parts.host, stream=True, verify=attempt)
    return answer.body
"""


def test_the_likely_site_and_the_missing_symbol_are_named() -> None:
    """The site is where the names of the surroundings stand; a name that the pin lacks is told to be nowhere."""
    fix = build.fix(build.change("net.py", BEFORE, AFTER))
    pin = build.tree({"net.py": PIN, "other.py": "answer = 1\n"})
    done = backport(pin, [(fix.advisory, fix)], pin)
    assert not done.ported[0].complete
    packs = evidence(done.patched, done.ported[0], list(pin))
    assert [(pack.hunk.path, pack.hunk.start) for pack in packs] == [("net.py", 3)]
    best = packs[0].sites[0]
    assert best.path == "net.py"
    assert best.line <= 10 <= best.line + len(best.lines)
    symbols = {each.name: each for each in packs[0].symbols}
    assert (symbols["guarded_get"].defined, symbols["guarded_get"].files) == ((), 0)
    assert symbols["answer"].defined == ("net.py:12", "other.py:1")
    assert packs[0].history == ()


def test_a_placed_fix_has_no_pack() -> None:
    """There is nothing to look for."""
    fix = build.fix(build.change("net.py", BEFORE, AFTER))
    pin = build.tree({"net.py": BEFORE})
    done = backport(pin, [(fix.advisory, fix)], pin)
    assert evidence(done.patched, done.ported[0], list(pin)) == ()


def test_sites_are_few_scored_and_ordered() -> None:
    """However many places resemble it, only the best are shown, best first."""
    fix = build.fix(build.change("net.py", BEFORE, AFTER))
    pin = build.tree({f"m{number}.py": PIN * (number + 1) for number in range(9)} | {"net.py": "x = 1\n"})
    done = backport(pin, [(fix.advisory, fix)], pin)
    sites = evidence(pin, done.ported[0], list(pin))[0].sites
    assert len(sites) == MOST_SITES
    assert [each.score for each in sites] == sorted((each.score for each in sites), reverse=True)
    assert all(0 < each.score <= 1 for each in sites)
