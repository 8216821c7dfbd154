"""Syntax trees walked once for what the rungs ask: where statements begin, how deep they are, what they define.

The walk is a loop, never a recursion, and skips what stands on one line: nothing begins in the middle of a line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from avr.stages.patch.languages import scripted
from avr.stages.patch.languages.grammar import FUNCTIONS, Container, Grammar
from avr.stages.patch.languages.interface import Form, Scope

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Tree

_COMMENTS = frozenset({"comment", "line_comment", "block_comment", "html_comment"})
_LONGEST_NAME = 120
_MANY_FAULTS = 20_000
"""Children of what is not understood beyond which it is not looked into."""

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Named:
    """A definition: its name, its place in the text and the lines `[first, last)` it stands on; how it is written."""

    name: Scope
    span: Span
    first: int
    last: int
    is_class: bool
    written: Scope
    inside: Scope
    form: Form | None


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


class _Visit(NamedTuple):
    """A node to look at, the definitions around it (by name, and as they are written), and its wrapper."""

    node: "Node"
    scope: Scope
    written: Scope
    wrapper: "Node | None"


def outline(grammar: Grammar, data: bytes) -> Outline:
    """Parse and walk a file."""
    tree = parsed(grammar, data)
    found = Outline()
    _walk(grammar, data, tree, found)
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


def _walk(grammar: Grammar, data: bytes, tree: "Tree", found: Outline) -> None:
    todo = [_Visit(tree.root_node, (), (), None)]
    erroneous = tree.root_node.has_error
    while todo:
        visit = todo.pop()
        node = visit.node
        kind = node.type
        if erroneous and (kind == "ERROR" or node.is_missing):
            _note_fault(node, found)
        if kind in _COMMENTS:
            continue
        if atom := grammar.atoms.get(kind):
            found.atoms.append((node.start_byte, node.end_byte, atom))
            continue
        named = _named(grammar, visit)
        if named:
            found.definitions.append(named)
        if node.child_count and (kind != "ERROR" or node.child_count < _MANY_FAULTS) and _worth(grammar, node, data):
            children = node.children
            _note_container(grammar, node, children, found)
            wrapper = _wrapper(grammar, visit)
            scope, written = (named.inside, named.written) if named else (visit.scope, visit.written)
            todo += [_Visit(child, scope, written, wrapper) for child in children if child.is_named or erroneous]


def _worth(grammar: Grammar, node: "Node", data: bytes) -> bool:
    """Whether anything inside a node can matter."""
    if node.start_point.row != node.end_point.row or node.type in grammar.wrappers or node.parent is None:
        return True
    if node.has_error:
        return True
    start, end = node.start_byte, node.end_byte
    return bool(grammar.atoms) and any(data.find(mark, start, end) >= 0 for mark in (b"`", b"/", b"<", b'R"'))


def _note_fault(node: "Node", found: Outline) -> None:
    found.faults += 1
    first, last = node.start_point.row, node.end_point.row
    found.faulty.update(range(first, last if last > first and not node.end_point.column else last + 1))


def _note_container(grammar: Grammar, node: "Node", children: list["Node"], found: Outline) -> None:
    container = grammar.containers.get(node.type)
    if container is None or (node.type == "object" and not _has_methods(node, children)):
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


def _has_methods(node: "Node", children: list["Node"]) -> bool:
    """Whether an object literal is written like a class."""
    return node.start_point.row != node.end_point.row and any(
        child.type == "method_definition" or (child.type == "pair" and _is_function(child)) for child in children
    )


def _is_function(node: "Node") -> bool:
    value = node.child_by_field_name("value") or node.child_by_field_name("right")
    return value is not None and value.type in FUNCTIONS


def _wrapper(grammar: Grammar, visit: _Visit) -> "Node | None":
    if visit.node.type not in grammar.wrappers:
        return None
    if visit.node.type.endswith("_declaration") and visit.node.named_child_count > 1:
        return None
    return visit.wrapper or visit.node


def _named(grammar: Grammar, visit: _Visit) -> Named | None:
    """The definition that a node is, if it is one."""
    node, kind = visit.node, visit.node.type
    is_class = kind in grammar.classes
    name: str | None = None
    if kind in grammar.definitions:
        name = _name(node) if not is_class or kind == "type_spec" or _has_body(node) else None
    elif kind in grammar.valued:
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        if value is not None and (value.type in FUNCTIONS or _is_table(value)):
            name = _text(node.child_by_field_name(grammar.valued[kind]))
            is_class = value.type in {"class", "class_expression", "object"}
    elif kind == "expression_statement" and grammar.valued:
        name = _call(node)
        is_class = True
    if not name or len(name) > _LONGEST_NAME:
        return None
    whole = visit.wrapper or node
    last = whole.end_point.row + 1
    written, span, first = (*visit.written, name), (whole.start_byte, whole.end_byte), whole.start_point.row
    if not grammar.valued:
        return Named(written, span, first, last, is_class, written, written, None)
    form = None if is_class else scripted.form(node, written)
    called, inner = scripted.name(visit.scope, name), scripted.inside(visit.scope, name, is_class=is_class)
    return Named(called, span, first, last, is_class, written, inner, form)


def _has_body(node: "Node") -> bool:
    return node.child_by_field_name("body") is not None


def _is_table(value: "Node") -> bool:
    return value.type == "object" and value.child_count < _MANY_FAULTS and _has_methods(value, value.children)


def _name(node: "Node") -> str | None:
    if node.type == "method_declaration" and (receiver := node.child_by_field_name("receiver")):
        return f"{_receiver(receiver)}.{_text(node.child_by_field_name('name'))}"
    if found := node.child_by_field_name("name"):
        return _text(found)
    at = node.child_by_field_name("declarator")
    for _ in range(20):
        inner = at.child_by_field_name("declarator") if at else None
        if inner is None:
            break
        at = inner
    return _text(at)


def _receiver(node: "Node") -> str:
    """The type of a Go method's receiver: `(r *Type[T])` is `Type`."""
    text = (_text(node) or "").strip("()").split("[")[0]
    return text.split(" ")[-1].split("*")[-1]


def _call(statement: "Node") -> str | None:
    """The name of a call like `describe('a name', function () {...})`: the function and the string."""
    call = statement.named_child(0) if statement.named_child_count else None
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if call is None or call.type != "call_expression" or arguments is None or not 1 < arguments.named_child_count < 4:
        return None
    first, last = arguments.named_child(0), arguments.named_child(arguments.named_child_count - 1)
    if first.type != "string" or last.type not in FUNCTIONS:
        return None
    text = _text(first)
    return f"{_text(call.child_by_field_name('function'))} {text[1:-1]}" if text else None


def _text(node: "Node | None") -> str | None:
    """The text of a node as one line."""
    if node is None or node.end_byte - node.start_byte > _LONGEST_NAME:
        return None
    return " ".join((node.text or b"").decode("latin-1").split())
