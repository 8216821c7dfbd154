"""Small mistakes made on purpose in the changed lines, by mutmut's operators. Pure.

mutmut (https://mutmut.readthedocs.io, BSD-3-Clause) gives for a node of the syntax tree the nodes that could stand
there by mistake. Its own session is not used: it would import and run the package outside the sandbox.
"""

import ast
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from avr.model.source import SourceTree
from avr.stages.validate.necessity.meaning import meaning, parsed
from avr.stages.validate.necessity.pieces import Piece

_LONGEST = 4000
"""Definitions of more lines than this are left alone: reading them takes seconds."""
_FOR_READERS = (cst.Raise, cst.Annotation, cst.Assert, cst.Decorator, cst.ImportFrom, cst.Import)
"""What messages and types say is no behaviour that a security test could look at."""
_DECISIONS = ("swap_op", "remove_unary_ops", "keywords", "if_exp", "number", "name")
"""Operators that turn a decision round; they come before those that mostly make the code crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One changed file with one mistake in it; `line` is in the patched file, from 1."""

    path: str
    line: int
    operator: str
    before: str
    after: str
    content: bytes

    @property
    def name(self) -> str:
        """Place, operator and the line before and after."""
        return f"{self.path}:{self.line} {self.operator}: {self.before} => {self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    line: int
    operator: str
    key: str
    make: Callable[[], bytes]


def mutants(patched: SourceTree, pieces: Sequence[Piece], most: int) -> tuple[tuple[Mutant, ...], int]:
    """At most `most` mutants, the same ones every time and spread over pieces and lines; and how many were left out.

    Mutants that cannot be parsed, that mean the same as the patched file, or that equal another one do not count.
    """
    queues = [list(_spread(_candidates(patched.files[each.path], each))) for each in pieces if _is_open(patched, each)]
    places = [each.path for each in pieces if _is_open(patched, each)]
    turns = [
        (path, candidate)
        for row in zip_longest(*queues)
        for path, candidate in zip(places, row, strict=True)
        if candidate is not None
    ]
    chosen: list[Mutant] = []
    seen = {(path, meaning(patched.files[path])) for path in places}
    for index, (path, candidate) in enumerate(turns):
        if len(chosen) == most:
            return tuple(chosen), len(turns) - index
        made = _made(path, patched.files[path], candidate)
        identity = (path, meaning(made.content)) if made else (path, None)
        if made is not None and identity[1] is not None and identity not in seen:
            seen.add(identity)
            chosen.append(made)
    return tuple(chosen), 0


def _is_open(patched: SourceTree, piece: Piece) -> bool:
    return piece.path.endswith(".py") and piece.path in patched and bool(piece.lines)


def _made(path: str, data: bytes, candidate: _Candidate) -> Mutant | None:
    try:
        content = candidate.make()
    except (cst.CSTValidationError, cst.ParserSyntaxError, TypeError, ValueError):
        return None  # the operator makes something that cannot stand here
    old, new = data.splitlines(), content.splitlines()
    differing = next((at for at, (one, two) in enumerate(zip(old, new, strict=False)) if one != two), None)
    if differing is None:
        return None
    return Mutant(
        path=path,
        line=differing + 1,
        operator=candidate.operator,
        before=_shown(old[differing]),
        after=_shown(new[differing]),
        content=content,
    )


def _shown(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip()[:120]


def _spread(candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """One of each line, then the next of each line; within a line decisions first."""
    by_line: dict[int, list[_Candidate]] = {}
    for each in sorted(candidates, key=lambda each: (each.line, each.key)):
        by_line.setdefault(each.line, []).append(each)
    for row in zip_longest(*by_line.values()):
        yield from (each for each in row if each is not None)


def _candidates(data: bytes, piece: Piece) -> list[_Candidate]:
    module = parsed(data)
    if module is None:
        return []
    lines = data.splitlines(keepends=True)
    found: list[_Candidate] = []
    for first, last in _statements(module):
        if last - first < _LONGEST and not piece.lines.isdisjoint(range(first, last + 1)):
            found += _in_statement(lines, first, last, piece.lines)
    return found


def _statements(module: ast.Module) -> Iterator[tuple[int, int]]:
    """First and last line of each statement of the module, decorators included; statements on one line are one."""
    end = 0
    for node in module.body:
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        first, last = min([node.lineno, *(each.lineno for each in decorators)]), node.end_lineno or node.lineno
        if first > end:
            yield first, last
        end = max(end, last)


def _in_statement(lines: list[bytes], first: int, last: int, wanted: frozenset[int]) -> Iterator[_Candidate]:
    head, text, tail = b"".join(lines[: first - 1]), b"".join(lines[first - 1 : last]), b"".join(lines[last:])
    try:
        wrapper = MetadataWrapper(cst.parse_module(text.decode()))
    except (cst.ParserSyntaxError, UnicodeDecodeError, RecursionError):
        return
    collector = _Collector(frozenset(line - first + 1 for line in wanted))
    positions = wrapper.resolve(PositionProvider)
    collector.positions = {node: place.start.line for node, place in positions.items()}
    wrapper.module.visit(collector)
    for node, line in collector.found:
        for kind, operator in mutation_operators:
            for number, new in enumerate(operator(node) if isinstance(node, kind) else ()):
                yield _candidate((head, tail), wrapper.module, node, new, (line + first - 1, operator.__name__, number))


def _candidate(
    around: tuple[bytes, bytes], module: cst.Module, node: cst.CSTNode, new: cst.CSTNode, where: tuple[int, str, int]
) -> _Candidate:
    line, operator, number = where

    def make() -> bytes:
        changed = module.deep_replace(node, new)
        assert isinstance(changed, cst.Module)
        return around[0] + changed.code.encode() + around[1]

    short = operator.removeprefix("operator_")
    digest = hashlib.sha256(f"{operator} {number} {module.code_for_node(node)}".encode()).hexdigest()
    return _Candidate(line=line, operator=short, key=f"{short not in _DECISIONS:d}{digest}", make=make)


class _Collector(cst.CSTVisitor):
    """The nodes that begin on one of the wanted lines."""

    def __init__(self, wanted: frozenset[int]) -> None:
        super().__init__()
        self.wanted = wanted
        self.positions: dict[cst.CSTNode, int] = {}
        self.found: list[tuple[cst.CSTNode, int]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Note the node, and look into it unless it is for readers only."""
        if isinstance(node, _FOR_READERS):
            return False
        line = self.positions.get(node)
        if line is not None and line in self.wanted:
            self.found.append((node, line))
        return True
