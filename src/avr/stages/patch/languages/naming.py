"""What a node of a syntax tree defines: the name, the place and the form of a function, a method or a class."""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from avr.stages.patch.languages import scripted
from avr.stages.patch.languages.grammar import FUNCTIONS, Grammar
from avr.stages.patch.languages.interface import Form, Scope

if TYPE_CHECKING:
    from tree_sitter import Node

_LONGEST_NAME = 120
MANY_FAULTS = 20_000
"""Children of what is not understood beyond which it is not looked into."""

Span: TypeAlias = tuple[int, int]


class Named(NamedTuple):
    """A definition: its name, its place in the text and the lines `[first, last)` it stands on; how it is written.

    A tuple, because files have many of them.
    """

    name: Scope
    span: Span
    first: int
    last: int
    is_class: bool
    written: Scope
    inside: Scope
    form: Form | None

    def moved(self, characters: int, lines: int) -> "Named":
        """The same definition so much further down."""
        start, end = self.span
        form = self.form
        if form is not None:
            form = form._replace(start=form.start + characters, end=form.end + characters)
        span, first, last = (start + characters, end + characters), self.first + lines, self.last + lines
        return Named(self.name, span, first, last, self.is_class, self.written, self.inside, form)


class Visit(NamedTuple):
    """A node, the definitions around it (by name, and as they are written), its wrapper and its parent's type."""

    node: "Node"
    scope: Scope
    written: Scope
    wrapper: "Node | None"
    outer: str


def wrapper_of(grammar: Grammar, visit: Visit, kind: str) -> "Node | None":
    """What the definition inside a node begins with, if the node belongs to it."""
    if kind not in grammar.wrappers:
        return None
    if kind.endswith("_declaration") and visit.node.named_child_count > 1:
        return None
    return visit.wrapper or visit.node


def named(grammar: Grammar, visit: Visit, kind: str) -> Named | None:
    """The definition that a node is, if it is one."""
    node = visit.node
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
    form = None if is_class else scripted.form(node, written, visit.outer)
    called, inner = scripted.name(visit.scope, name), scripted.inside(visit.scope, name, is_class=is_class)
    return Named(called, span, first, last, is_class, written, inner, form)


def has_methods(node: "Node", children: list["Node"]) -> bool:
    """Whether an object literal is written like a class."""
    return node.start_point.row != node.end_point.row and any(
        child.type == "method_definition" or (child.type == "pair" and _is_function(child)) for child in children
    )


def _is_function(node: "Node") -> bool:
    value = node.child_by_field_name("value") or node.child_by_field_name("right")
    return value is not None and value.type in FUNCTIONS


def _has_body(node: "Node") -> bool:
    return node.child_by_field_name("body") is not None


def _is_table(value: "Node") -> bool:
    return value.type == "object" and value.child_count < MANY_FAULTS and has_methods(value, value.children)


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
