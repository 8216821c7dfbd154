"""Import statements as sets of names: added names join the pin's own, names that the pin still uses stay.

The trap behind it: a fix drops an import that it no longer needs, but the old branch still does. Every line merge is
clean, and wrong.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from avr.stages.patch.statements import Source, Statement, Token
from avr.stages.patch.text import Replacement
from avr.tools.diff import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported name: `from module import name as alias`; `module` is None for a plain `import name`."""

    module: str | None
    name: str
    alias: str | None = None

    @property
    def bound(self) -> str:
        """The name that the statement defines."""
        return self.alias or (self.name if self.module is not None else self.name.split(".")[0])

    def __str__(self) -> str:
        """The statement that imports just this."""
        clause = f"import {self._clause()}"
        return clause if self.module is None else f"from {self.module} {clause}"

    def _clause(self) -> str:
        return f"{self.name} as {self.alias}" if self.alias else self.name


Imports: TypeAlias = frozenset[Import]


def imports(statement: Statement) -> Imports:
    """The names that a statement imports; none where it is no import."""
    words = [token.norm for token in statement.tokens if token.norm not in "()"]
    if words[:1] == ["import"]:
        return _named(None, words[1:])
    if words[:1] == ["from"] and "import" in words:
        at = words.index("import")
        return _named("".join(words[1:at]), words[at + 1 :])
    return frozenset()


def _named(module: str | None, words: Sequence[str]) -> Imports:
    clauses = " ".join(words).split(" , ")
    found = set()
    for clause in clauses:
        name, _, alias = clause.partition(" as ")
        if name.strip():
            found.add(Import(module=module, name=name.replace(" ", ""), alias=alias or None))
    return frozenset(found)


def only_imports(statements: Iterable[Statement]) -> bool:
    """Whether every statement is an import at the top level."""
    return all(imports(each) and each.level == 0 for each in statements)


def all_imports(statements: Iterable[Statement]) -> Imports:
    """The names that any of the statements imports."""
    return frozenset().union(*(imports(each) for each in statements))


def used_names(source: Source) -> frozenset[str]:
    """Names that the file mentions outside its imports, in code or as a plain string (`__all__`)."""
    tokens = (token for each in source.statements if not imports(each) for token in each.tokens)
    return frozenset(token.norm.strip("'") for token in tokens if token.kind in {"name", "string"})


def still_needed(before: Source, after: Source, pin: Source, patched: Source) -> Imports:
    """Imports of the pin that the fix dropped, although the patched pin goes on using the name."""
    here = all_imports(patched.statements)
    defined = {each.bound for each in here} | {each.bound for each in all_imports(after.statements)}
    dropped = (all_imports(before.statements) & all_imports(pin.statements)) - all_imports(after.statements) - here
    used = used_names(patched)
    return frozenset(each for each in dropped if each.bound in used and each.bound not in defined)


def join_imports(before: Source, after: Source, edit: Edit, pin: Source) -> tuple[Replacement, ...] | None:
    """The additions of an edit of imports made to the pin's own import lines; None where no line offers itself.

    Nothing is dropped: an import too many is harmless, one too few is not. Empty where the pin has all of them.
    """
    gone, come = before.statements[edit.a0 : edit.a1], after.statements[edit.b0 : edit.b1]
    if not only_imports((*gone, *come)):
        return None
    wanted = all_imports(come) - all_imports(gone) - all_imports(pin.statements)
    made = [_joined(after, edit, each, pin) for each in sorted(wanted, key=str)]
    replacements = [each for each in made if each is not None]
    extended = [each.start for each in replacements if each.start < each.end]
    return tuple(replacements) if len(replacements) == len(made) and len(set(extended)) == len(extended) else None


def _joined(after: Source, edit: Edit, wanted: Import, pin: Source) -> Replacement | None:
    tops = [each for each in pin.statements if each.level == 0 and imports(each)]
    same = [
        each for each in tops if wanted.module is not None and {one.module for one in imports(each)} == {wanted.module}
    ]
    if len(same) == 1 and wanted.module != "__future__":
        return _extended(same[0], wanted, pin)
    known = {each.key: index for index, each in enumerate(tops)}
    for near in reversed(after.statements[: edit.b0]):
        if near.key in known:
            return _inserted(tops, known[near.key], wanted)
    for near in after.statements[edit.b1 :]:
        if near.key in known:
            line = tops[known[near.key]].first
            return Replacement(start=line, end=line, lines=(str(wanted),))
    return None


def _inserted(tops: Sequence[Statement], index: int, wanted: Import) -> Replacement:
    """A line of its own behind the import at `index`, and behind what sorts before it in the same block."""
    while index + 1 < len(tops) and tops[index + 1].first == tops[index].last:
        following = min(imports(tops[index + 1]), key=str)
        if wanted.module is None or following.module is None or following.module > wanted.module:
            break
        index += 1
    line = tops[index].last
    return Replacement(start=line, end=line, lines=(str(wanted),))


def _extended(statement: Statement, wanted: Import, pin: Source) -> Replacement | None:
    """The statement with one more name, in its sorted place where the names are sorted."""
    keyword = next(i for i, token in enumerate(statement.tokens) if token.norm == "import")
    names = [token for token in statement.tokens[keyword + 1 :] if token.norm not in "(),"]
    words = [token.norm for token in names]
    if "*" in words or "as" in words or wanted.alias:
        return None
    at = bisect_left(words, wanted.name) if words == sorted(words) else len(words)
    start = pin.text.rfind("\n", 0, statement.tokens[0].start) + 1
    end = pin.text.index("\n", statement.tokens[-1].end)
    raw, (offset, inserted) = pin.text[start:end], _insertion(names, at, wanted.name, pin)
    text = raw[: offset - start] + inserted + raw[offset - start :]
    return Replacement(start=statement.first, end=statement.last, lines=tuple(text.split("\n")))


def _insertion(names: Sequence[Token], at: int, name: str, pin: Source) -> tuple[int, str]:
    own_lines = len(names) > 1 and "\n" in pin.text[names[0].end : names[1].start]
    space = " " if not own_lines else pin.text[names[0].end : names[1].start].lstrip(",")
    if at < len(names):
        return names[at].start, f"{name},{space}"
    return names[-1].end, f",{space}{name}"
