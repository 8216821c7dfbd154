"""TypeScript as the JavaScript that is shipped: types go, lines stay where they are.

Found with tree-sitter (https://github.com/tree-sitter/tree-sitter-typescript); what is left is what `tsc` with a recent
target keeps. Enums, decorators, namespaces and parameter properties have code behind them that is not written here: a
file with any of them in the changed part is refused by whoever compares the two.
"""

import importlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from avr.model.source import SourceTree
from avr.stages.patch.text import Text

if TYPE_CHECKING:
    from tree_sitter import Node

_TYPES = frozenset(
    {
        "type_annotation",
        "type_parameters",
        "type_arguments",
        "interface_declaration",
        "type_alias_declaration",
        "accessibility_modifier",
        "override_modifier",
        "implements_clause",
        "abstract_method_signature",
        "ambient_declaration",
        "function_signature",
        "method_signature",
        "index_signature",
    }
)
_WORDS = frozenset({"readonly", "abstract", "declare"})
_LARGEST = 2_000_000
_FOLDERS = ("", "lib", "dist", "build", "build/cjs", "dist/cjs", "cjs")


def javascript(text: Text, *, tsx: bool = False) -> Text | None:
    """The text without its types, every line where it was; None where it cannot be read."""
    data = "\n".join(text.lines).encode("latin-1")
    if len(data) > _LARGEST:
        return None
    grammar: Any = importlib.import_module("tree_sitter_typescript")
    sitter: Any = importlib.import_module("tree_sitter")
    language = sitter.Language(grammar.language_tsx() if tsx else grammar.language_typescript())
    root = sitter.Parser(language).parse(data).root_node
    if root.has_error:
        return None
    left = bytearray(data)
    for start, end in _gone(root, data):
        kept = bytes(byte for byte in data[start:end] if byte == ord("\n"))
        left[start:end] = b"\0" * (end - start - len(kept)) + kept
    lines = left.replace(b"\0", b"").decode("latin-1").split("\n")
    return Text(lines=tuple(line.rstrip() for line in lines), ends=text.ends, bom=text.bom)


def shipped_path(tree: SourceTree, path: str) -> str | None:
    """Where the pin has the JavaScript of a TypeScript file: `lib/a.ts` as `lib/a.js`, `dist/a.js` and so on."""
    source = PurePosixPath(path)
    if source.suffix not in {".ts", ".tsx", ".mts"} or source.name.endswith(".d.ts"):
        return None
    inner = PurePosixPath(*source.parts[1:]) if len(source.parts) > 1 else source
    stems = [source, *(PurePosixPath(folder) / inner for folder in _FOLDERS)]
    found = [str(stem.with_suffix(end)) for stem in stems for end in (".js", ".mjs", ".cjs")]
    there = list(dict.fromkeys(each for each in found if each in tree))
    return there[0] if there[:1] == [str(source.with_suffix(".js"))] or len(there) == 1 else None


def _gone(root: "Node", data: bytes) -> Iterator[tuple[int, int]]:
    """The byte ranges that say something about types only, outermost first."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        span = _typed(node, data)
        if span:
            yield span
        if not span or node.type in {"as_expression", "satisfies_expression", "non_null_expression", "type_assertion"}:
            waiting.extend(node.children)


def _typed(node: "Node", data: bytes) -> tuple[int, int] | None:
    """The part of a node that goes."""
    if node.type in _TYPES or (node.type in _WORDS and not node.is_named):
        end = node.end_byte
        spaced = node.type in {"accessibility_modifier", "override_modifier", *_WORDS}
        while spaced and end < len(data) and data[end : end + 1] == b" ":
            end += 1
        start = node.start_byte
        while node.type == "implements_clause" and data[start - 1 : start] == b" ":
            start -= 1
        return start, end
    if node.type in {"as_expression", "satisfies_expression"}:
        return int(node.children[0].end_byte), int(node.end_byte)
    if node.type == "non_null_expression" or (
        node.type == "?" and node.parent and node.parent.type == "optional_parameter"
    ):
        return int(node.end_byte) - 1, int(node.end_byte)
    if node.type == "import_statement" and any(each.type == "type" for each in node.children):
        return int(node.start_byte), int(node.end_byte)
    if node.type == "public_field_definition" and node.child_by_field_name("value") is None:
        semicolon = node.next_sibling is not None and node.next_sibling.type == ";"
        return int(node.start_byte), int(node.end_byte) + semicolon
    return None
