"""The evidence pack of a hunk without a place: where it might belong, what its names mean in the pin, what was tried.

Nothing here decides: the sites are scored so that a person looks at the right place first.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import log

from avr.model.backport import Hunk, HunkStatus, PortedFix
from avr.model.fix import ChangeKind, FileChange
from avr.model.source import SourceTree
from avr.stages.patch.search import WORDS, searched, tokens_of
from avr.stages.patch.text import Text, printable

MOST_SITES = 5
MOST_SYMBOLS = 20
_MOST_SHOWN = 40
_CONTEXT = 3
_NAME = re.compile(r"[A-Za-z_$][\w$]{2,}")
_NO_TYPE = "(?:return|raise|throw|await|yield|else|elif|if|new|in|and|or|not|while|case|go|defer|assert|del|print)"
_FEWEST = 0.25
"""The score below which a site is noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place of the pin like the hunk's surroundings upstream: `score` (0 to 1) is the share of names found there.

    Rare names weigh more. `line` counts from 1.
    """

    path: str
    line: int
    score: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A name that the hunk uses: where the pin defines it (`path:line`), and how many searched files write it."""

    name: str
    defined: tuple[str, ...]
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkEvidence:
    """What a person needs to place a hunk by hand; `history` is what the caller knows of the place in git."""

    hunk: Hunk
    sites: tuple[Site, ...]
    symbols: tuple[Symbol, ...]
    history: tuple[str, ...] = ()


def evidence(pin: SourceTree, ported: PortedFix, among: Collection[str]) -> tuple[HunkEvidence, ...]:
    """A pack for every code hunk without a place; sites are looked for in the files `among`, within bounds."""
    changes = {change.path: change for change in ported.fix.files}
    open_ = [each for each in ported.hunks if each.status is HunkStatus.UNPLACED and each.kind is ChangeKind.CODE]
    return tuple(_pack(pin, hunk, changes[hunk.path], among) for hunk in open_[:_MOST_SHOWN])


def _pack(pin: SourceTree, hunk: Hunk, change: FileChange, among: Collection[str]) -> HunkEvidence:
    before = Text.of(change.before or b"").lines
    first = hunk.start - 1
    around = before[max(first - _CONTEXT, 0) : first + len(hunk.removed) + _CONTEXT]
    wanted = Counter(name for line in around for name in _names(line))
    added = dict.fromkeys(name for line in (*hunk.added, *hunk.removed) for name in _names(line))
    sites: list[Site] = []
    defined: dict[str, list[str]] = {name: [] for name in list(added)[:MOST_SYMBOLS]}
    files: Counter[str] = Counter()
    for path, data in searched(pin, among, hunk.target or hunk.path):
        lines = Text.of(data).lines
        sites += _sites(path, lines, wanted, max(len(around), 1))
        for name in defined:
            if name.encode("latin-1", "replace") in data:
                files[name] += 1
                defined[name] += _definitions(path, lines, name)
    symbols = (Symbol(name=name, defined=tuple(at[:3]), files=files[name]) for name, at in defined.items())
    best = sorted(sites, key=lambda site: -site.score)[:MOST_SITES]
    return HunkEvidence(hunk=hunk, sites=tuple(best), symbols=tuple(symbols))


def _names(line: str) -> list[str]:
    return [token for token in tokens_of(line) if _NAME.fullmatch(token) and token not in WORDS]


def _sites(path: str, lines: Sequence[str], wanted: Counter[str], height: int) -> Iterator[Site]:
    """The best windows of a file, at most two, never overlapping."""
    names = [[name for name in _names(line) if name in wanted] for line in lines]
    often = Counter(name for found in names for name in found)
    weight = {name: 1 / (1 + log(1 + often[name])) for name in wanted}
    total = sum(weight[name] * count for name, count in wanted.items())
    if not often or not total:
        return
    scores = _windows(names, wanted, weight, height)
    taken: list[int] = []
    for at in sorted(range(len(scores)), key=lambda index: -scores[index]):
        score = scores[at] / total
        if score < _FEWEST or len(taken) == 2:
            return
        if all(abs(at - other) >= height for other in taken):
            taken.append(at)
            shown = tuple(printable(line) for line in lines[at : at + height][:_MOST_SHOWN])
            yield Site(path=path, line=at + 1, score=round(score, 3), lines=shown)


def _windows(
    names: Sequence[Sequence[str]], wanted: Counter[str], weight: dict[str, float], height: int
) -> list[float]:
    """The weight of the wanted names in each window of `height` lines, in one pass."""
    inside: Counter[str] = Counter()
    score, scores = 0.0, list[float]()
    for at, entering in enumerate(names):
        for name in entering:
            inside[name] += 1
            score += weight[name] if inside[name] <= wanted[name] else 0
        if at >= height:
            for name in names[at - height]:
                score -= weight[name] if inside[name] <= wanted[name] else 0
                inside[name] -= 1
        if at >= height - 1 or at == len(names) - 1:
            scores.append(score)
    return scores


def _definitions(path: str, lines: Sequence[str], name: str) -> list[str]:
    word = re.escape(name)
    pattern = re.compile(
        rf"\s*(?:(?:export|default|async|public|private|protected|static|final)\s+)*"
        rf"(?:def|class|function\*?|func|const|let|var|type|interface|enum|struct|#\s*define)\s+{word}\b"
        rf"|\s*(?!{_NO_TYPE}\b)(?:(?:static|const|unsigned|struct)\s+)*[\w<>\[\]]+[\s*]+{word}\s*\([^;]*$"
        rf"|\s*(?:self\.|this\.)?{word}\s*(?::[^=]+)?=(?!=)|\s*(?:from\s+\S+\s+)?import\b.*\b{word}\b"
    )
    found = (at for at, line in enumerate(lines) if name in line and len(line) < 1000 and pattern.match(line))
    return [f"{path}:{at + 1}" for at, _ in zip(found, range(3), strict=False)]
