"""How JavaScript of any age writes the functions of a class or a module: one name for all, and how each is written.

`class A { f() {} }`, `A.prototype.f = function () {}` and `A.prototype = { f: function () {} }` are all `("A", "f")`;
`export function f() {}`, `exports.f = function () {}` and `module.exports = { f() {} }` are all `("f",)`. In
`A.f = function () {}` a capital tells that `A` is no plain object.
"""

import re
from typing import TYPE_CHECKING

from avr.stages.patch.languages.interface import Form, Place, Scope

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPORTS = re.compile(r"(?:module\.)?exports(?:\.|$)")
_METHOD = re.compile(r"([\w$.]+)\.prototype\.([\w$]+)")
_STATIC = re.compile(r"([A-Z][\w$]*)\.([\w$]+)")
_BODY = ".prototype"
_NOT_PLAIN = frozenset({"get", "set", "=>", "private_property_identifier", "computed_property_name"})


def name(around: Scope, written: str) -> Scope:
    """The whole name of what is written so, without the ways to write it."""
    bare = _bare(written) or written
    found = _METHOD.fullmatch(bare) or _STATIC.fullmatch(bare)
    return (*around, found[1], found[2]) if found and found[2] != "prototype" else (*around, bare)


def inside(around: Scope, written: str, *, is_class: bool) -> Scope:
    """What is around the definitions inside: nothing more in an object of exports, the class in its prototype."""
    if is_class and not (bare := _bare(written)):
        return around
    return (*around, bare.removesuffix(_BODY)) if is_class else name(around, written)


def form(node: "Node", written: Scope, outer: str) -> Form:
    """How a function in a node of type `outer` is written; accessors and arrows, bound otherwise, are apart."""
    function = _function(node)
    parameters, body = (function.child_by_field_name(each) for each in ("parameters", "body"))
    words = {child.type for child in (*node.children, *function.children)}
    place = _place(outer)
    this = _this(node, place, written)
    if parameters is None or body is None or body.type != "statement_block" or words & _NOT_PLAIN:
        return Form(place=place, marks="", this=this, start=node.start_byte, end=node.end_byte)
    marks = "async " * ("async" in words) + "function" + "*" * ("*" in words)
    return Form(place=place, marks=marks, this=this, start=parameters.start_byte, end=body.end_byte)


def _function(node: "Node") -> "Node":
    """The function that a definition is or gives a name to."""
    return node.child_by_field_name("value") or node.child_by_field_name("right") or node


def _place(outer: str) -> Place:
    if outer == "class_body":
        return "class"
    return "object" if outer == "object" else "statement"


def _this(node: "Node", place: Place, written: Scope) -> str:
    """What `this` is in the function: of the same word, the same thing."""
    if place == "class":
        return "class" if any(child.type == "static" for child in node.children) else "instance"
    if place == "object":
        return "instance" if written[-2:-1] and written[-2].endswith(_BODY) else "object"
    if _METHOD.fullmatch(written[-1]):
        return "instance"
    return "class" if _STATIC.fullmatch(_bare(written[-1])) else "free"


def _bare(written: str) -> str:
    """What is behind `exports.`; empty for the exports themselves."""
    return _EXPORTS.sub("", written, count=1) if _EXPORTS.match(written) else written
