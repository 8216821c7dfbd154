"""Placed lines written in the syntax of the oldest Python that the pin supports.

Only lines that the patch brought are rewritten, and only where the pin's own file does without the piece of syntax: a
file that uses it already shows that what the package declares does not hold for it.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avr.stages.patch.adapt.fstrings import formatted
from avr.stages.patch.adapt.lowerings import RULES, Context, Lowering, Span
from avr.stages.patch.adapt.runtimes import Runtime
from avr.stages.patch.adapt.words import bindings
from avr.stages.patch.change import Refusal
from avr.stages.patch.languages.interface import Source
from avr.stages.patch.languages.python import PYTHON
from avr.stages.patch.text import Replacement, Text
from avr.tools.diff import edits

_ROUNDS = 8
_TELLING = re.compile(
    r"""[:]=|->|\w\s*:|\||\bmatch\b|remove(?:pre|suf)fix|,\s*/|\*|super\(\)|\bfrom\b|[fF][rR]?['"]|\d_\d
    |\b(?:nonlocal|yield|async|await)\b|\b(?:list|dict|set|frozenset|tuple|type)\[""",
    re.VERBOSE,
)
"""What a line with newer syntax has somewhere; it saves reading files with none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """The file for the oldest runtime, what was rewritten, and what nobody knows how to write there."""

    text: Text
    done: tuple[str, ...]
    left: tuple[str, ...]


def lower(old: Text, new: Text, minimum: Runtime | None, own: Text | None = None) -> Lowered:
    """Rewrite the lines of `new` that `old` does not have; each round takes the outermost piece of a line away.

    `own` is the pin's file, where `old` is not: pieces of syntax that it uses stay.
    """
    done: list[str] = []
    left: list[str] = []
    if minimum is None or minimum >= max(since for since, _ in RULES):
        return Lowered(text=new, done=(), left=())
    used: set[str] | None = None
    for _ in range(_ROUNDS):
        found = _found(new, minimum, _changed(old, new))
        if used is None:
            used = {each.what for each in _found(own or old, minimum, None)} if found else set()
        found = [each for each in found if each.what not in used]
        left = [f"{each.what} in line {each.span.line + 1}" for each in found if each.text is None]
        able = [each for each in found if each.text is not None]
        changed = _applied(new, able)
        if not able or not PYTHON.parses(changed.to_bytes()):
            break
        done += [each.what for each in _apart(able)]
        new = changed
    return Lowered(text=new, done=tuple(dict.fromkeys(done)), left=tuple(dict.fromkeys(left)))


def _changed(old: Text, new: Text) -> set[int]:
    return {line for edit in edits(old.lines, new.lines) for line in range(edit.b0, edit.b1)}


def _found(text: Text, minimum: Runtime, among: set[int] | None) -> list[Lowering]:
    """What is too new in the lines (None: in all), from the top."""
    if among is not None and not any(_TELLING.search(text.lines[line]) for line in among):
        return []
    source = PYTHON.read(text.lines)
    if source is None:
        return []
    modules = [_parsed(text, *each) for each in PYTHON.pieces(text.lines) if among is None or _meets(among, *each)]
    walked = (node for module in modules if module for node in ast.walk(module))
    parents = {child: node for node in walked for child in ast.iter_child_nodes(node)}
    names = frozenset(bindings(source))
    context = Context(lines=text.lines, parents=parents, bound=names)
    late = "annotations" in names and minimum >= (3, 7)
    rules = [rule for since, rule in RULES if minimum < since]
    rules = [rule for rule in rules if not (late and rule.__name__ in {"_unions", "_generics"})]
    nodes = [node for node in parents if among is None or _touches(node, among)]
    found = [each for node in nodes for rule in rules for each in rule(node, context)]
    if minimum < (3, 6):
        found += _tokens(source, text, among)
    inside = [each for each in found if among is None or each.span.line in among]
    return sorted(inside, key=lambda each: (each.span.line, each.span.column))


def _touches(node: ast.AST, among: set[int]) -> bool:
    """Whether a node begins on one of the lines; a list of parameters has no place of its own."""
    first = node.lineno - 1 if isinstance(node, ast.expr | ast.stmt | ast.arg) else None
    if first is None or first in among:
        return True
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.body[0].lineno - 1 > first + 1


def _meets(lines: set[int], first: int, last: int) -> bool:
    return any(first <= line < last for line in lines)


def _parsed(text: Text, first: int, last: int) -> ast.Module | None:
    """A piece of the file, its lines counted as in the file; None where today's grammar does not know it."""
    data = "\n".join(text.lines[first:last]).encode("latin-1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            data.decode("utf-8")
            module = ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    ast.increment_lineno(module, first)
    return module


def _tokens(source: Source, text: Text, among: set[int] | None) -> Iterator[Lowering]:
    """F-strings, underscores in numbers, and commas behind starred arguments."""
    starts = [0]
    for line in text.lines:
        starts.append(starts[-1] + len(line) + 1)
    for statement in source.statements:
        if among is not None and among.isdisjoint(range(statement.first, statement.last)):
            continue
        tokens = statement.tokens
        at = 0
        while at < len(tokens):
            run = at
            while run < len(tokens) and tokens[run].kind == "string":
                run += 1
            raws = [source.text[each.start : each.end] for each in tokens[at:run]]
            if any(re.match(r"[rR]?[fF]", raw) for raw in raws):
                made = formatted(raws)
                span = _span(starts, statement.first, tokens[at].start, tokens[run - 1].end)
                reason = "an f-string"
                yield Lowering(what=reason, span=span, text=None if isinstance(made, Refusal) else made)
            elif tokens[at].kind == "number" and "_" in tokens[at].norm:
                span = _span(starts, statement.first, tokens[at].start, tokens[at].end)
                yield Lowering(what="an underscore in a number", span=span, text=tokens[at].norm.replace("_", ""))
            at = max(run, at + 1)


def _span(starts: Sequence[int], first: int, start: int, end: int) -> Span:
    line = first
    while starts[line + 1] <= start:
        line += 1
    last = line
    while starts[last + 1] <= end - 1:
        last += 1
    return Span(line=line, column=start - starts[line], last=last, end=end - starts[last])


def _apart(found: Sequence[Lowering]) -> list[Lowering]:
    """As many as stand on lines of their own; the others wait for the next round."""
    kept: list[Lowering] = []
    free = 0
    for each in found:
        if each.span.line >= free and (not each.above or each.at >= free):
            kept.append(each)
            free = each.span.last + 1
    return kept


def _applied(text: Text, found: Sequence[Lowering]) -> Text:
    replacements: list[Replacement] = []
    for each in _apart(found):
        span = each.span
        head, tail = text.lines[span.line][: span.column], text.lines[span.last][span.end :]
        lines = tuple(f"{head}{each.text}{tail}".split("\n"))
        if each.above:
            statement = text.lines[each.at]
            indent = statement[: len(statement) - len(statement.lstrip())]
            hoisted = (indent + each.above, *text.lines[each.at : span.line], *lines)
            replacements.append(Replacement(start=each.at, end=span.last + 1, lines=hoisted))
        else:
            replacements.append(Replacement(start=span.line, end=span.last + 1, lines=lines))
    return text.replacing(replacements)
