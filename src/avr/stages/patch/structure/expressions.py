"""Statements as a head and one expression: `return EXPR`, `raise EXPR`, `x = EXPR`, `f(EXPR)`; brackets, no grammar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avr.stages.patch.languages.interface import Statement, Token
from avr.stages.patch.structure.names import WORDS

_LEAVING = frozenset({"return", "raise", "throw"})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_BEFORE = frozenset({"=", ":=", "(", "[", ",", *_LEAVING})
_AFTER = frozenset({")", "]", ",", ";", ""})
_STIRRING = frozenset({"await", "yield", "from", "function", "=>", ":=", "++", "--"})
"""Words by which an expression is more than a value that is worked out in place."""
_LOOSE = frozenset({",", "=", "for", "*", "**", "..."})
"""What an expression on its own does not have outside of brackets; stars only as its first token."""
_STARS = frozenset({"*", "**"})
_TRUTHS = frozenset({"==", "!=", "===", "!==", "<", ">", "<=", ">=", "in", "is", "not", "!", "instanceof"})
_SELVES = frozenset({"self", "this"})


@dataclass(frozen=True, slots=True)
class Cut:
    """A statement's expression and the words in front of it; `kind` is `leave`, `assign` or `call`."""

    kind: str
    head: tuple[str, ...]
    tokens: tuple[Token, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The expression's tokens as they are compared."""
        return tuple(token.norm for token in self.tokens)


def comparable(one: Cut, two: Cut) -> bool:
    """Whether nothing tells that two expressions are different kinds of value, or one is worked out of the other."""
    mine, yours = (" ".join(["", *each.words, ""]) for each in (one, two))
    return _sort(one) == _sort(two) and mine not in yours and yours not in mine


def cut(statement: Statement, kind: str | None = None) -> Cut | None:
    """The statement as head and expression; None where it is not of that form (of that `kind`)."""
    tokens = _ended(statement.tokens)
    words = [token.norm for token in tokens]
    found = _leave(tokens) or _assign(tokens, words) or _call(tokens, words)
    if found is None or (kind and found.kind != kind) or not _whole(found.tokens):
        return None
    return found


def plain(statement: Statement) -> tuple[str, ...]:
    """The words of a statement without the semicolon at its end."""
    return tuple(token.norm for token in _ended(statement.tokens))


def occurrences(statement: Statement, found: Cut) -> Iterator[int]:
    """The tokens at which a statement says the expression word by word."""
    words, wanted = statement.words, found.words
    yield from (at for at in range(len(words) - len(wanted) + 1) if words[at : at + len(wanted)] == wanted)


def delimited(statement: Statement, start: int, found: Cut) -> bool:
    """Whether the expression that begins at a token is a whole one there, whatever its operators."""
    words, end = plain(statement), start + len(found.tokens)
    return start > 0 and words[start - 1] in _BEFORE and (words[end] if end < len(words) else "") in _AFTER


def inner(one: Statement, start: int, length: int, two: Statement, *, whole: bool = True) -> Sequence[Token] | None:
    """What `two` has in the place of some tokens of `one`; the rest (if not `whole`, what is beside) is the same."""
    mine, tokens = plain(one), _ended(two.tokens)
    words = tuple(token.norm for token in tokens)
    lead, tail = mine[:start], mine[start + length :]
    end = len(words) - len(tail)
    if not whole:
        found = _between(tokens, words, lead, tail)
    else:
        found = tokens[start:end] if start < end and words[:start] == lead and words[end:] == tail else ()
    return found if found and _whole(found) else None


def _sort(found: Cut) -> str:
    """A display of elements, a yes or no, or any other value."""
    if found.words[0] in {"[", "{"}:
        return found.words[0]
    depth = 0
    for word in found.words:
        depth += _step(word)
        if not depth and word in _TRUTHS:
            return "truth"
    return "value"


def _between(
    tokens: Sequence[Token], words: Sequence[str], lead: Sequence[str], tail: Sequence[str]
) -> Sequence[Token]:
    """The tokens between the ends of `lead` and `tail` nearest to them, where each is there once."""
    left = [at for at in range(1, len(words)) if lead and tuple(words[max(at - 2, 0) : at]) == tuple(lead[-2:])]
    right = [at for at in range(len(words)) if tail and tuple(words[at : at + 2]) == tuple(tail[:2])]
    return tokens[left[0] : right[0]] if len(left) == len(right) == 1 else ()


def _ended(tokens: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(tokens[:-1] if tokens and tokens[-1].norm == ";" else tokens)


def _leave(tokens: tuple[Token, ...]) -> Cut | None:
    return Cut("leave", (tokens[0].norm,), tokens[1:]) if len(tokens) > 1 and tokens[0].norm in _LEAVING else None


def _assign(tokens: tuple[Token, ...], words: Sequence[str]) -> Cut | None:
    at = words.index("=") if "=" in words else 0
    lead = words[:at]
    if not at or _depth(lead) or "," in lead:
        return None
    return Cut("assign", tuple(words[: at + 1]), tokens[at + 1 :]) if at + 1 < len(tokens) else None


def _call(tokens: tuple[Token, ...], words: Sequence[str]) -> Cut | None:
    at = words.index("(") if "(" in words else 0
    named = all(each.norm == "." or (each.kind == "name" and each.norm not in WORDS - _SELVES) for each in tokens[:at])
    if not at or not named or words[-1] != ")" or at + 2 >= len(words):
        return None
    return Cut("call", tuple(words[: at + 1]), tokens[at + 1 : -1])


def _whole(tokens: Sequence[Token]) -> bool:
    """Whether tokens are one expression on their own: brackets match, no comma outside of them."""
    depth = 0
    for at, token in enumerate(tokens):
        depth += _step(token.norm)
        loose = not depth and token.norm in _LOOSE and not (at and token.norm in _STARS)
        if depth < 0 or loose or token.norm in _STIRRING:
            return False
    return not depth and bool(tokens)


def _depth(words: Sequence[str]) -> int:
    return sum(_step(word) for word in words)


def _step(word: str) -> int:
    return (word in _OPENING) - (word in _CLOSING)
