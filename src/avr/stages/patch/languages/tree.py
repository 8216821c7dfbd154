"""Syntax trees walked once for what the rungs ask: where statements begin, how deep they are, what they define.

The walk is a loop, never a recursion, and skips what stands on one line: nothing begins in the middle of a line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from avr.stages.patch.languages.grammar import Container, Grammar
from avr.stages.patch.languages.interface import Scope
from avr.stages.patch.languages.naming import MANY_FAULTS, Named, Visit, has_methods, named, wrapper_of

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Tree

_COMMENTS = frozenset({"comment", "line_comment", "block_comment", "html_comment"})
_PART = 1500
"""Characters up to which a node's findings are kept for the file's other versions, which mostly have it too."""


@dataclass(slots=True)
class Outline:
    """What one walk found.

    `starts` are offsets where a statement begins, `depths` offsets where the depth changes and by how much, `atoms`
    tokens that are whole nodes, and `faulty` the lines of what the parser did not understand.
    """

    starts: set[int] = field(default_factory=lambda: {0})
    depths: list[tuple[int, int]] = field(default_factory=list)
    atoms: list[tuple[int, int, str]] = field(default_factory=list)
    definitions: list[Named] = field(default_factory=list)
    faulty: set[int] = field(default_factory=set)
    faults: int = 0

    def add(self, part: "Outline", characters: int, lines: int) -> None:
        """Take what was found in a part without faults, so much further down than it was found."""
        if not characters:
            self.starts |= part.starts
            self.depths += part.depths
            self.atoms += part.atoms
        else:
            self.starts.update([each + characters for each in part.starts])
            self.depths += [(at + characters, step) for at, step in part.depths]
            self.atoms += [(start + characters, end + characters, kind) for start, end, kind in part.atoms]
        moved = characters or lines
        self.definitions += [each.moved(characters, lines) for each in part.definitions] if moved else part.definitions


def outline(grammar: Grammar, data: bytes) -> Outline:
    """Parse and walk a file."""
    tree = parsed(grammar, data)
    found = Outline()
    root = tree.root_node
    _walk(grammar, data, [Visit(root, (), (), None, "")], found, whole=True, erroneous=root.has_error)
    found.depths.sort()
    found.atoms.sort()
    found.definitions.sort(key=lambda each: (each.span[0], -each.span[1]))
    return found


def parsed(grammar: Grammar, data: bytes) -> "Tree":
    """The syntax tree of a file."""
    from tree_sitter import Parser

    return Parser(_language(grammar.package, grammar.entry)).parse(data)


@lru_cache(maxsize=16)
def _language(package: str, entry: str) -> "Language":
    from tree_sitter import Language

    return Language(getattr(import_module(package), entry)())


def _walk(grammar: Grammar, data: bytes, todo: list[Visit], found: Outline, *, whole: bool, erroneous: bool) -> None:
    """Look at the nodes and what is in them; `whole` tells that the first one is the root of a file."""
    telling = _telling(grammar)
    root = todo[0].node if whole else None
    while todo:
        visit = todo.pop()
        node, scope, written, wrapper, _ = visit
        kind = node.type
        if erroneous and (kind == "ERROR" or node.is_missing):
            _note_fault(node, found)
        if kind in _COMMENTS:
            continue
        start, end = node.start_byte, node.end_byte
        if atom := grammar.atoms.get(kind):
            found.atoms.append((start, end, atom))
            continue
        several = data.find(b"\n", start, end) >= 0
        if whole and several and not erroneous and wrapper is None and end - start <= _PART:
            _part(grammar, data, visit, found)
            continue
        definition = named(grammar, visit, kind) if kind in telling else None
        if definition:
            found.definitions.append(definition)
        if not node.child_count or (kind == "ERROR" and node.child_count >= MANY_FAULTS):
            continue
        if several or node is root or _worth(grammar, node, kind, data):
            children = node.children
            _note_container(grammar, node, kind, children, found)
            inner = wrapper_of(grammar, visit, kind)
            if definition:
                scope, written = definition.inside, definition.written
            todo += [Visit(each, scope, written, inner, kind) for each in children if each.is_named or erroneous]


def _worth(grammar: Grammar, node: "Node", kind: str, data: bytes) -> bool:
    """Whether anything inside a node of one line can matter."""
    if kind in grammar.wrappers or node.has_error:
        return True
    start, end = node.start_byte, node.end_byte
    return bool(grammar.atoms) and any(data.find(mark, start, end) >= 0 for mark in (b"`", b"/", b"<", b'R"'))


@lru_cache(maxsize=16)
def _telling(grammar: Grammar) -> frozenset[str]:
    """The types of nodes that may be definitions."""
    calls = {"expression_statement"} if grammar.valued else set()
    return grammar.definitions | grammar.valued.keys() | calls


class _Part(NamedTuple):
    """What was found in a node at this offset and line."""

    start: int
    row: int
    found: Outline


def _part(grammar: Grammar, data: bytes, visit: Visit, found: Outline) -> None:
    """Look at a node of a file without faults, or remember what was found in the same one of another version."""
    node = visit.node
    start, row = node.start_byte, node.start_point.row
    text = data[start : node.end_byte]
    known = _known(grammar, visit.outer, node.type, node.descendant_count, visit.scope, visit.written, text)
    if not known:
        outline = Outline(starts=set())
        _walk(grammar, data, [visit], outline, whole=False, erroneous=False)
        known.append(_Part(start, row, outline))
    part = known[0]
    found.add(part.found, start - part.start, row - part.row)


@lru_cache(maxsize=1 << 13)
def _known(
    grammar: Grammar,  # noqa: ARG001 (all of them are the key)
    outer: str,  # noqa: ARG001
    kind: str,  # noqa: ARG001
    nodes: int,  # noqa: ARG001
    scope: Scope,  # noqa: ARG001
    written: Scope,  # noqa: ARG001
    text: bytes,  # noqa: ARG001
) -> list[_Part]:
    """What was found in a node with this text, this many nodes in it and this around it, if it was looked at."""
    return []


def _note_fault(node: "Node", found: Outline) -> None:
    found.faults += 1
    first, last = node.start_point.row, node.end_point.row
    found.faulty.update(range(first, last if last > first and not node.end_point.column else last + 1))


def _note_container(grammar: Grammar, node: "Node", kind: str, children: list["Node"], found: Outline) -> None:
    container = grammar.containers.get(kind)
    if container is None or (kind == "object" and not has_methods(node, children)):
        return
    inside = list(_inside(container, node, children))
    if not inside:
        return
    found.starts.update(child.start_byte for child in inside)
    for child in children:
        if (
            container.opening in {"{", "("}
            and child.type == container.opening
            and child.start_byte < inside[0].start_byte
        ):
            found.starts.add(child.end_byte)
            found.depths += [(child.end_byte, 1)] if container.deep else []
        elif container.opening in {"{", "("} and child is children[-1] and child.type in {"}", ")"}:
            found.starts.add(child.start_byte)
            found.depths += [(child.start_byte, -1)] if container.deep else []
        elif container.opening == "#" and child.type in {"#endif", "#else"}:
            found.starts.add(child.start_byte)


def _inside(container: Container, node: "Node", children: list["Node"]) -> Iterator["Node"]:
    """The children that are statements."""
    opened = container.opening in {"", "#"}
    row = node.start_point.row
    for child in children:
        if not child.is_named:
            opened = opened or child.type == container.opening
        elif opened and child.type not in _COMMENTS and not (container.opening == "#" and child.start_point.row == row):
            yield child
