"""Sibling sites: other places of the patched pin with the pattern that the fix changed. Something to look at, no proof.

A pattern is a statement that the fix took away, with its variables as blanks, or a call that it replaced by another. A
pattern that is found in many places is a way to write, not a weakness, and tells nothing.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from avr.model.backport import Hunk, HunkStatus, Sibling
from avr.model.fix import ChangeKind, FileChange, Fix
from avr.model.source import SourceTree
from avr.stages.patch.search import WORDS, Piece, pieces, searched
from avr.stages.patch.text import Text, printable
from avr.tools.diff import edits

MOST = 20
"""Siblings that are told for one fix, and places in which one pattern may be found before it tells nothing."""

_MOST_CALLS = 8
_MOST_PARSED = 4 << 20
_FEWEST_TOKENS = 6
_FEWEST_WORDS = 3
"""What a statement must hold to be told from others: tokens, and different names, strings or numbers among them."""

_SHOWN_LINES = 8
_IMPORTS = frozenset({"import", "from", "#", "using", "package", "export"})
_NAME = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Tokens to be found; `rank` 0 is a statement word for word, 1 with other variables, 2 a call.

    A file in which `probe` finds nothing cannot hold it.
    """

    hunk: Hunk
    rank: int
    tokens: tuple[str, ...]
    probe: re.Pattern[bytes]
    why: str


def siblings(patched: SourceTree, fix: Fix, hunks: Sequence[Hunk], among: Collection[str]) -> tuple[Sibling, ...]:
    """At most `MOST` siblings of the placed hunks in the files `among`, the most alike and the nearest first."""
    found: list[tuple[tuple[int, bool, int], Sibling]] = []
    for change in fix.of_kind(ChangeKind.CODE):
        own = [hunk for hunk in hunks if hunk.path == change.path and hunk.status is not HunkStatus.UNPLACED]
        patterns = list(_patterns(change, own))
        if patterns:
            near = next((hunk.target for hunk in own if hunk.target), change.path)
            found += _sites(patched, patterns, near, change, among)
    best: dict[tuple[str, int], Sibling] = {}
    for _, each in sorted(found, key=lambda pair: pair[0]):
        best.setdefault((each.path, each.line), each)
    return tuple(best.values())[:MOST]


def _patterns(change: FileChange, hunks: Sequence[Hunk]) -> Iterator[_Pattern]:
    """What the placed hunks of one file took away: statements and calls that the file's change does not bring back."""
    old, new = Text.of(change.before or b""), Text.of(change.after or b"")
    if not change.before or not change.after or b"\0" in change.before + change.after:
        return
    before, after = pieces(change.path, old), pieces(change.path, new)
    kept = {each.tokens for each in after}
    starts = {hunk.start: hunk for hunk in hunks}
    for edit in edits(old.lines, new.lines):
        hunk = starts.get(edit.a0 + 1)
        if hunk is None or hunk.kind is not ChangeKind.CODE:
            continue
        gone = [each for each in before if each.first < edit.a1 and edit.a0 < each.last and each.tokens not in kept]
        come = [each for each in after if each.first < edit.b1 and edit.b0 < each.last]
        yield from (pattern for piece in gone for pattern in _of_statement(hunk, piece))
        if come:
            there = {call for each in come for call in _calls(each.tokens)}
            calls = dict.fromkeys(call for each in gone for call in _calls(each.tokens))
            yield from (_of_call(hunk, call) for call in calls if call not in there)


def _of_statement(hunk: Hunk, piece: Piece) -> Iterator[_Pattern]:
    tokens = piece.tokens
    if not _telling(tokens) or tokens[0] in _IMPORTS:
        return
    why = "the statement that the fix changed"
    yield _Pattern(hunk, 0, tokens, _probe(tokens), why)
    blank = _blanked(tokens)
    if blank != tokens and _telling(blank):
        yield _Pattern(hunk, 1, blank, _probe(blank), f"{why}, with other variables")


def _telling(tokens: Sequence[str]) -> bool:
    words = {each for each in tokens if each[0].isalnum() or each[0] in "_$'\""} - WORDS
    return len(tokens) >= _FEWEST_TOKENS and len(words) >= _FEWEST_WORDS


def _probe(tokens: Sequence[str]) -> re.Pattern[bytes]:
    """The longest run of tokens that are written in one way only, with any white space between them."""
    runs, run = [list[str]()], list[str]()
    for token in tokens:
        run = [] if token[0] in "\0'\"`," else [*run, token]
        runs.append(run)
    longest = max(runs, key=lambda each: len("".join(each)))
    return re.compile(rb"[\s\\]*".join(re.escape(token.encode("latin-1", "replace")) for token in longest))


def _of_call(hunk: Hunk, call: tuple[str, ...]) -> _Pattern:
    why = f"a call of {''.join(call[:-1])} like the one that the fix replaced"
    return _Pattern(hunk, 2, call, _probe(call), why)


def _blanked(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Plain lower-case variables by the order in which they come; called, dotted and constant names stay."""
    numbers: dict[str, str] = {}
    out: list[str] = []
    for at, token in enumerate(tokens):
        behind, ahead = tokens[at - 1] if at else "", tokens[at + 1] if at + 1 < len(tokens) else ""
        plain = _NAME.fullmatch(token) and token not in WORDS and token == token.lower()
        if plain and behind not in {".", "->"} and ahead not in {".", "->", "("}:
            out.append(numbers.setdefault(token, f"\0{len(numbers)}"))
        else:
            out.append(token)
    return tuple(out)


def _calls(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Dotted names with the bracket that opens their arguments: `("yaml", ".", "load", "(")`."""
    for at, (name, after) in enumerate(pairwise(tokens)):
        if after == "(" and _NAME.fullmatch(name) and name not in WORDS:
            start = at
            while start >= 2 and tokens[start - 1] == "." and _NAME.fullmatch(tokens[start - 2]):
                start -= 2
            defined = start and tokens[start - 1] in {"def", "function", "class", "func"}
            chained = start and tokens[start - 1] == "."
            if not defined and not chained and (at > start or len(name) > 3):
                yield tokens[start : at + 2]


def _sites(
    patched: SourceTree, patterns: Sequence[_Pattern], near: str, change: FileChange, among: Collection[str]
) -> Iterator[tuple[tuple[int, bool, int], Sibling]]:
    places: dict[_Pattern, list[tuple[int, str, Text, Piece]]] = {each: [] for each in patterns}
    parsed = 0
    for order, (path, data) in enumerate(searched(patched, among, near)):
        likely = [each for each in patterns if len(places[each]) <= _most(each) and _may_hold(data, each)]
        parsed += len(data) if likely else 0
        if likely and parsed <= _MOST_PARSED:
            text = Text.of(data)
            for piece in pieces(path, text):
                for pattern in likely:
                    if _matches(pattern, piece):
                        places[pattern].append((order, path, text, piece))
    upstream = {each.tokens for each in pieces(change.path, Text.of(change.after or b""))}
    for pattern, found in places.items():
        for order, path, text, piece in found if len(found) <= _most(pattern) else ():
            lines = tuple(map(printable, text.lines[piece.first : piece.last][:_SHOWN_LINES]))
            like = f"{pattern.hunk.path}:{pattern.hunk.start}"
            known = path == near and piece.tokens in upstream
            sibling = Sibling(path=path, line=piece.first + 1, lines=lines, like_hunk=like, why=pattern.why)
            yield (pattern.rank, known, order), sibling


def _most(pattern: _Pattern) -> int:
    return _MOST_CALLS if pattern.rank == 2 else MOST


def _may_hold(data: bytes, pattern: _Pattern) -> bool:
    return pattern.probe.search(data) is not None


def _matches(pattern: _Pattern, piece: Piece) -> bool:
    if pattern.rank == 0:
        return piece.tokens == pattern.tokens
    if pattern.rank == 1:
        return len(piece.tokens) == len(pattern.tokens) and _blanked(piece.tokens) == pattern.tokens
    return pattern.tokens[-2] in piece.tokens and pattern.tokens in set(_calls(piece.tokens))
