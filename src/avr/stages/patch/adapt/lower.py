"""Placed lines written in the syntax of the oldest Python that the pin supports.

Only lines that the patch brought are rewritten, and only where the pin's own file does without the piece of syntax: a
file that uses it already shows that what the package declares does not hold for it.
"""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avr.stages.patch.adapt.fstrings import formatted
from avr.stages.patch.adapt.lowerings import RULES, Context, Lowering, Span
from avr.stages.patch.adapt.runtimes import Runtime
from avr.stages.patch.adapt.words import bindings
from avr.stages.patch.change import Refusal
from avr.stages.patch.languages.interface import Source
from avr.stages.patch.languages.python import PYTHON, parsed
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
    names = frozenset(bindings(source))
    late = "annotations" in names and minimum >= (3, 7)
    rules = [rule for since, rule in RULES if minimum < since]
    rules = [rule for rule in rules if not (late and rule.__name__ in {"_unions", "_generics"})]
    found: list[Lowering] = []
    for piece in PYTHON.pieces(text.lines):
        own = range(piece.first, piece.last)
        touched = own if among is None else sorted(among.intersection(own))
        lines = piece.alone(text.lines)
        first = piece.last - len(lines)
        module = _parsed(lines) if touched else None
        if module is not None:
            parents = _parents(module, [line - first for line in touched])
            context = Context(lines=lines, parents=parents, bound=names)
            nodes = [node for node in parents if _touches(node, {line - first for line in touched})]
            found += [each.lower(first) for node in nodes for rule in rules for each in rule(node, context)]
    if minimum < (3, 6):
        found += _tokens(source, text, among)
    inside = [each for each in found if among is None or each.span.line in among]
    return sorted(inside, key=lambda each: (each.span.line, each.span.column))


def _touches(node: ast.AST, among: set[int]) -> bool:
    """Whether a node begins on one of the lines (from 0); a list of parameters has no place of its own."""
    first = node.lineno - 1 if isinstance(node, ast.expr | ast.stmt | ast.arg) else None
    if first is None or first in among:
        return True
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.body[0].lineno - 1 > first + 1


def _parsed(lines: tuple[str, ...]) -> ast.Module | None:
    """A piece of the file; None where today's grammar does not know it, or its columns would not be bytes."""
    data = ("\n".join(lines) + "\n").encode("latin-1")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return parsed(data)


def _parents(module: ast.Module, lines: Sequence[int]) -> dict[ast.AST, ast.AST]:
    """What stands around the nodes that have something on the lines (sorted, from 0), and around their children."""
    parents: dict[ast.AST, ast.AST] = {}
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            parents[child] = node
            if _reaches(child, lines):
                waiting.append(child)
    return parents


def _reaches(node: ast.AST, lines: Sequence[int]) -> bool:
    """Whether a node, its decorators included, has one of the lines; one without a place of its own may have."""
    if not isinstance(node, ast.expr | ast.stmt | ast.arg):
        return True
    above = getattr(node, "decorator_list", ())
    first = min((each.lineno for each in above), default=node.lineno)
    at = bisect_left(lines, first - 1)
    return at < len(lines) and lines[at] < (node.end_lineno or first)


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
