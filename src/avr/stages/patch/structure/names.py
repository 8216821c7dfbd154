"""Names as the merge of a unit needs them: which ones statements use, which ones they bind; no grammar behind it."""

import re
from collections.abc import Iterator, Sequence

from avr.stages.patch.languages.interface import Statement

_BINDING = {"for", "as", "let", "const", "var", "import", "def", "class", "function", "catch", "global", "nonlocal"}
_ASSIGNING = {"=", ":=", "+=", "-=", "*=", "/=", "|=", "&=", "%=", "//=", "**=", "^=", ">>=", "<<="}
LEAVING = {"return", "raise", "throw", "continue", "break", "yield", "goto", "exit", "await", "del", "delete"}
"""Words by which a statement does more than compute."""
_KEYWORDS = (
    "False None True abstract and as assert async await boolean break byte case catch chan char class cls "
    "const continue def default defer del delete do double elif else except exec export extends false final "
    "finally float for from func function global go if implements import in instanceof int interface is lambda "
    "let long map new nil nonlocal not null of or package pass print private protected public raise range "
    "return self short static struct super switch this throw throws true try type typeof undefined var void "
    "while with yield"
)
WORDS = frozenset(_KEYWORDS.split())
"""Words of Python and of the languages with braces that are no names."""
_STRING_WORD = re.compile(r"[A-Za-z_]\w*")


def used(statements: Sequence[Statement]) -> frozenset[str]:
    """The plain names that statements mention: no attributes, no keywords of a call or of the language."""
    return frozenset(name for each in statements for name in _plain(each))


def mentioned(statement: Statement) -> frozenset[str]:
    """Every name in the head of a definition: its own, its parameters, their types and defaults."""
    return frozenset(word for kind, word in _pairs(statement) if kind == "name" and word not in WORDS)


def bound(statements: Sequence[Statement]) -> frozenset[str]:
    """The plain names that statements bind: assigned, looped over, imported, defined, or parameters of a definition."""
    return frozenset(name for each in statements for name in _bound(each))


def provided(statements: Sequence[Statement]) -> frozenset[str]:
    """The plain names that statements bind before they use them."""
    seen: set[str] = set()
    found: set[str] = set()
    for each in statements:
        found |= {name for name in bound([each]) - seen if each.words.count(name) == 1}
        seen |= used([each])
    return frozenset(found)


def leaves(statements: Sequence[Statement]) -> bool:
    """Whether any of the statements can end or leave what it stands in."""
    return not all(LEAVING.isdisjoint(each.words) for each in statements)


def said(statement: Statement) -> frozenset[str]:
    """Everything that a statement names: names, attributes, numbers and the contents of strings."""
    found: set[str] = set()
    for kind, word in _pairs(statement):
        if kind == "string":
            found.update(_STRING_WORD.findall(word))
        elif kind != "op" and word not in WORDS:
            found.add(word)
    return frozenset(found)


def _plain(statement: Statement) -> Iterator[str]:
    words, depth = statement.words, 0
    for index, (kind, word) in enumerate(_pairs(statement)):
        depth += _step(kind, word)
        if kind != "name" or word in WORDS:
            continue
        before = words[index - 1] if index else ""
        after = words[index + 1] if index + 1 < len(words) else ""
        if before not in {".", "?.", "->", "::"} and not (depth and after == "=" and before in {"(", ","}):
            yield word


def _bound(statement: Statement) -> Iterator[str]:
    words = statement.words
    heads = _BINDING & set(words)
    if {"def", "function", "func", "class"} & heads:
        yield from _plain(statement)
        return
    end = max((index for index, word in enumerate(words) if word in _ASSIGNING), default=0)
    depth = 0
    for index, (kind, word) in enumerate(_pairs(statement)):
        depth += _step(kind, word)
        if kind != "name" or word in WORDS or (index and words[index - 1] in {".", "?."}):
            continue
        after = words[index + 1] if index + 1 < len(words) else ""
        if after in {".", "[", "("}:
            continue
        assigned = index < end and (not depth or after == ":=" or words[0] in {"(", "[", "{"})
        if assigned or (heads and _after_binder(words, index)):
            yield word


def _after_binder(words: Sequence[str], index: int) -> bool:
    for word in reversed(words[:index]):
        if word in _BINDING:
            return True
        if word in {"in", "of", ":", "=", "from"}:
            return False
    return False


def _pairs(statement: Statement) -> Iterator[tuple[str, str]]:
    """The kind and norm of every token."""
    return zip(statement.shape.kinds, statement.words, strict=True)


def _step(kind: str, norm: str) -> int:
    return 0 if kind != "op" else (norm in {"(", "[", "{"}) - (norm in {")", "]", "}"})
