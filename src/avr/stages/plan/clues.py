"""Words that point at the security change of a release: from the advisory, the changelog and the tests. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from avr.model.advisory import Advisory
from avr.model.fix import ChangeKind
from avr.model.source import SourceTree
from avr.stages.plan.kinds import classify
from avr.stages.plan.lines import hunks

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
_MARKED = re.compile(r"``?([^`\n]{2,80})``?|\b(\w+(?:\.\w+)+)\(?|\b(\w+)\(\)")
_SECURITY = re.compile(
    r"\bCVE-\d{4}-\d+|\bGHSA(-\w{4}){3}|PYSEC-\d{4}-\d+|secur|vulnerab|malicious|attack|exploit|denial.of.service|"
    r"\bReDoS\b|\bDoS\b|\bXSS\b|\bXXE\b|injection|travers|bypass|disclos|\bleak|smuggl|untrusted|unsafe|hijack|spoof|"
    r"backtracking|constant.time|catastrophic",
    re.IGNORECASE,
)
_LOG = re.compile(r"(^|/)(changes?|changelog|history|news|release[-_]?notes?|whatsnew)[^/]*$", re.IGNORECASE)
_LOG_FOLDER = re.compile(r"(^|/)(changes|changelog|releases|news|newsfragments|release_notes)/", re.IGNORECASE)
_ENTRY = re.compile(r"(?m)^(?=\s*(?:[-*+•]|\d+\.)\s)|\n\s*\n")
_STOP = frozenset(
    re.findall(
        r"\w+",
        """the and for that this with from when not are was has have can will its into than then been which security fix
        fixed fixes issue bug added add changed change allow allows use used using now does only also more support test
        tests self return none true false import class def error value values file files name python version release
        code data type args kwargs string str int list dict""",
    )
)
_WEAKNESSES = {
    "20": "validate valid invalid check", "22": "path join abspath normpath realpath traversal basename commonprefix",
    "59": "symlink islink realpath", "74": "escape quote", "77": "shell command quote popen",
    "78": "shell command quote popen subprocess", "79": "escape html sanitize tag attribute script quote",
    "88": "argument command", "89": "sql query quote escape params", "91": "xml", "93": "crlf header newline",
    "94": "eval exec literal compile", "95": "eval exec literal", "113": "crlf header newline control",
    "116": "escape encode quote", "200": "header redirect cookie authorization origin strip",
    "203": "constant compare_digest timing", "208": "compare_digest timing", "276": "chmod umask permission",
    "285": "permission allow", "287": "auth verify token password", "295": "verify certificate ssl tls hostname cert",
    "327": "algorithm cipher hash", "345": "verify signature", "347": "signature verify key algorithm",
    "352": "csrf token origin referer", "367": "chmod umask stat open", "400": "limit max size length count timeout",
    "401": "close release", "444": "header transfer encoding chunked content length crlf newline",
    "502": "pickle load yaml loader unserialize", "522": "authorization credential redirect",
    "532": "log logging mask", "601": "redirect url netloc scheme location", "611": "entity entities dtd resolve xml",
    "639": "permission owner user", "668": "permission", "674": "depth recursion limit",
    "732": "chmod umask permission",
    "770": "limit max size length count", "776": "entity entities dtd xml", "787": "length size bounds",
    "834": "loop limit", "835": "loop break", "863": "permission user allow",
    "918": "url fetch host redirect", "1236": "formula", "1321": "prototype attribute",
    "1333": "regex pattern compile match backtracking", "384": "session cookie", "539": "session cookie vary cache",
    "693": "sandbox restricted guard format attribute", "913": "attribute getattr format",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """Words by how far they are to be trusted.

    `names` are identifiers that someone wrote in connection with the vulnerability, `words` ordinary words, `tested`
    what newly added tests speak of.
    """

    names: frozenset[str]
    words: frozenset[str]
    tested: frozenset[str]
    entries: int
    """How many changelog entries of the release speak of security."""
    exact: bool = False
    """Whether an entry cites the advisory by one of its ids."""


def clues(advisory: Advisory, before: SourceTree, after: SourceTree) -> Clues:
    """All clues about an advisory's fix between two releases."""
    entries = tuple(_security_entries(advisory, before, after))
    prose = " ".join((advisory.summary, advisory.details, *entries))
    links = " ".join(_fragments(advisory))
    weak = " ".join(_WEAKNESSES.get(cwe.removeprefix("CWE-"), "") for cwe in advisory.cwes)
    return Clues(
        names=frozenset((*_identifiers(prose), *_identifiers(links))),
        words=frozenset(_ordinary(f"{prose} {weak}")),
        tested=frozenset(_tested(before, after)),
        entries=len(entries),
        exact=any(each.lower() in entry.lower() for each in advisory.ids for entry in entries),
    )


def words_of(text: str) -> frozenset[str]:
    """The words of a piece of code, lower-case; the parts of `snake_case` and `camelCase` names count as well."""
    found = _WORD.findall(text)
    parts = (part for word in found for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", word))
    return frozenset(word.lower() for word in (*found, *parts) if len(word) > 2) - _STOP


def is_security_text(text: str) -> bool:
    """Whether a text speaks of a vulnerability in so many words."""
    return _SECURITY.search(text) is not None


def _security_entries(advisory: Advisory, before: SourceTree, after: SourceTree) -> Iterator[str]:
    ids = [each.lower() for each in advisory.ids]
    entries = [entry for text in _log_additions(before, after) for entry in _ENTRY.split(text) if entry.strip()]
    exact = [entry for entry in entries if any(each in entry.lower() for each in ids)]
    yield from exact or [entry for entry in entries if is_security_text(entry)]


def _log_additions(before: SourceTree, after: SourceTree) -> Iterator[str]:
    for path in after:
        if classify(path) is ChangeKind.DOCS and (_LOG.search(path) or _LOG_FOLDER.search(path)):
            yield "".join(line for hunk in hunks(path, before.get(path), after.get(path)) for line in hunk.added)


def _fragments(advisory: Advisory) -> Iterator[str]:
    """File and symbol names inside the advisory's links, such as `/blob/<hash>/mako/ext/extract.py`."""
    for reference in advisory.references:
        match = re.search(r"/blob/[^/]+/(?P<path>[^#?]+)", reference.url)
        if match:
            yield match["path"].rpartition("/")[2].partition(".")[0] + "()"


def _identifiers(text: str) -> Iterator[str]:
    for match in _MARKED.finditer(text):
        yield from (word for word in _WORD.findall(match[0]) if word.lower() not in _STOP)
    for word in _WORD.findall(text):
        if "_" in word.strip("_") or re.search(r"[a-z][A-Z]", word):
            yield word


def _ordinary(text: str) -> Iterable[str]:
    return (word for word in words_of(text) if len(word) > 3)


def _tested(before: SourceTree, after: SourceTree) -> Iterator[str]:
    """The words of tests that the fixed release adds and that speak of security; else of all added tests."""
    added = [
        "".join(hunk.added)
        for path in after
        if path.endswith(".py") and classify(path) is ChangeKind.TEST and before.get(path) != after.get(path)
        for hunk in hunks(path, before.get(path), after.get(path))
        if hunk.added
    ]
    for text in added:
        yield from (word for word in _WORD.findall(text) if word.lower() not in _STOP and len(word) > 3)
