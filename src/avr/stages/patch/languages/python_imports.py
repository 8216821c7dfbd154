"""Python's import statements: read, and given one more name."""

from bisect import bisect_left
from collections.abc import Sequence

from avr.stages.patch.languages.interface import Import, Imports, Source, Statement, Token


def imports(statement: Statement) -> Imports:
    """The names that a statement imports; none where it is no import."""
    if statement.shape.norms[0] not in {"import", "from"}:
        return frozenset()
    words = [word for word in statement.words if word not in "()"]
    if words[:1] == ["import"]:
        return _named(None, words[1:])
    if words[:1] == ["from"] and "import" in words:
        at = words.index("import")
        return _named("".join(words[1:at]), words[at + 1 :])
    return frozenset()


def widened(statement: Statement, wanted: Import, source: Source) -> tuple[str, ...] | None:
    """The statement with one more name, in its sorted place where the names are sorted."""
    tokens = statement.tokens
    keyword = next(i for i, token in enumerate(tokens) if token.norm == "import")
    names = [token for token in tokens[keyword + 1 :] if token.norm not in "(),"]
    words = [token.norm for token in names]
    if "*" in words or "as" in words or wanted.alias:
        return None
    at = bisect_left(words, wanted.name) if words == sorted(words) else len(words)
    start = source.text.rfind("\n", 0, statement.start) + 1
    end = source.text.index("\n", statement.end)
    raw, (offset, inserted) = source.text[start:end], _insertion(names, at, wanted.name, source)
    text = raw[: offset - start] + inserted + raw[offset - start :]
    return tuple(text.split("\n"))


def _insertion(names: Sequence[Token], at: int, name: str, source: Source) -> tuple[int, str]:
    own_lines = len(names) > 1 and "\n" in source.text[names[0].end : names[1].start]
    space = " " if not own_lines else source.text[names[0].end : names[1].start].lstrip(",")
    if at < len(names):
        return names[at].start, f"{name},{space}"
    return names[-1].end, f",{space}{name}"


def _named(module: str | None, words: Sequence[str]) -> Imports:
    clauses = " ".join(words).split(" , ")
    found = set()
    for clause in clauses:
        name, _, alias = clause.partition(" as ")
        if name.strip():
            found.add(Import(module=module, name=name.replace(" ", ""), alias=alias or None))
    return frozenset(found)
