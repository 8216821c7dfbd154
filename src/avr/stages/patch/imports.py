"""Import statements as sets of names: added names join the pin's own, names that the pin still uses stay.

The trap behind it: a fix drops an import that it no longer needs, but the old branch still does. Every line merge is
clean, and wrong.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from avr.stages.patch.languages.interface import Import, Imports, Language, Source, Statement
from avr.stages.patch.text import Replacement
from avr.tools.diff import Edit, edits

_HABIT = 5
"""Imports that a file must have to tell a habit."""


def only_imports(language: Language, statements: Iterable[Statement]) -> bool:
    """Whether every statement is an import at the top level."""
    return all(language.imports(each) and each.level == 0 for each in statements)


def all_imports(language: Language, statements: Iterable[Statement]) -> Imports:
    """The names that any of the statements imports."""
    return frozenset().union(*(language.imports(each) for each in statements))


@lru_cache(maxsize=16)
def imports_of(source: Source) -> Imports:
    """The names that a file imports, anywhere in it."""
    return all_imports(source.language, source.statements)


@lru_cache(maxsize=16)
def used_names(source: Source) -> frozenset[str]:
    """Names that the file mentions outside its imports, in code or as a plain string (`__all__`)."""
    shapes = (each.shape for each in source.statements if not source.language.imports(each))
    words = (pair for shape in shapes for pair in zip(shape.kinds, shape.norms, strict=True))
    return frozenset(norm.strip("'") for kind, norm in words if kind in {"name", "string"})


def drops_imports(before: Source, after: Source) -> bool:
    """Whether a change takes import statements away, some of which it may put back otherwise."""
    gone = (one for each in edits(before.keys, after.keys) for one in before.statements[each.a0 : each.a1])
    return any(before.language.imports(each) for each in gone)


def still_needed(before: Source, after: Source, pin: Source, patched: Source) -> Imports:
    """Imports of the pin that the fix dropped, although the patched pin goes on using the name."""
    here, kept = imports_of(patched), imports_of(after)
    defined = {each.bound for each in here | kept}
    dropped = (imports_of(before) & imports_of(pin)) - kept - here
    used = used_names(patched)
    language = patched.language
    needed = (each for each in dropped if each.bound in used and each.bound not in defined)
    return frozenset(each for each in needed if not language.in_reach(each, patched))


def strangers(before: Source, after: Source, edit: Edit, pin: Source) -> Imports:
    """Imports that an edit adds and that cannot be meant for the pin as they are.

    They come from a package that the pin does not use, or the pin has another thing under the same name.
    """
    language = pin.language
    come = all_imports(language, after.statements[edit.b0 : edit.b1])
    if not come:
        return frozenset()
    leaving = imports_of(before) - imports_of(after)
    tops = all_imports(language, (each for each in pin.statements if each.level == 0)) - leaving
    taken = {each.bound: each for each in tops if each.module is not None and not each.module.startswith("static ")}
    return frozenset(
        each
        for each in come - tops
        if language.foreign(each, pin) or (each.module is not None and each.name != "*" and each.bound in taken)
    )


def join_imports(before: Source, after: Source, edit: Edit, pin: Source) -> tuple[Replacement, ...] | None:
    """The additions of an edit of imports made to the pin's own import lines; None where no line offers itself.

    Nothing is dropped: an import too many is harmless, one too few is not. Empty where the pin has all of them.
    """
    gone, come = before.statements[edit.a0 : edit.a1], after.statements[edit.b0 : edit.b1]
    language = pin.language
    if not only_imports(language, (*gone, *come)):
        return None
    wanted = all_imports(language, come) - all_imports(language, gone) - imports_of(pin)
    made = [_joined(after, edit, each, pin) for each in sorted(wanted, key=str)]
    replacements = [each for each in made if each is not None]
    extended = [each.start for each in replacements if each.start < each.end]
    return tuple(replacements) if len(replacements) == len(made) and len(set(extended)) == len(extended) else None


def _joined(after: Source, edit: Edit, wanted: Import, pin: Source) -> Replacement | None:
    read = pin.language.imports
    tops = [each for each in pin.statements if each.level == 0 and read(each)]
    same = [each for each in tops if {one.module for one in read(each)} == {wanted.module}]
    if len(same) == 1 and wanted.module not in {None, "__future__"} and not _one_by_one(read(each) for each in tops):
        widened = pin.language.widened_import(same[0], wanted, pin)
        if widened:
            return Replacement(start=same[0].first, end=same[0].last, lines=widened)
    line = pin.language.import_line(wanted, pin)
    if line is None:
        return None
    known = {each.key: index for index, each in enumerate(tops)}
    for near in reversed(after.statements[: edit.b0]):
        if near.key in known:
            return _inserted(pin.language, tops, known[near.key], wanted, line)
    for near in after.statements[edit.b1 :]:
        if near.key in known:
            at = tops[known[near.key]].first
            return Replacement(start=at, end=at, lines=(line,))
    return None


def _one_by_one(imports: Iterable[Imports]) -> bool:
    """Whether a file imports a single name with every statement, as some guides ask for."""
    named = [each for each in imports if any(one.module is not None for one in each)]
    return len(named) >= _HABIT and all(len(each) == 1 for each in named)


def _inserted(language: Language, tops: Sequence[Statement], index: int, wanted: Import, line: str) -> Replacement:
    """A line of its own behind the import at `index`, and behind what sorts before it in the same block."""
    while index + 1 < len(tops) and tops[index + 1].first == tops[index].last:
        following = min(language.imports(tops[index + 1]), key=str)
        if wanted.module is None or following.module is None:
            break
        if (following.module, following.name) > (wanted.module, wanted.name):
            break
        index += 1
    at = tops[index].last
    return Replacement(start=at, end=at, lines=(line,))
