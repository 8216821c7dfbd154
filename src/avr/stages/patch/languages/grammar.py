"""What is told apart in the syntax trees of the languages with braces: blocks, definitions, whole tokens.

The grammars are tree-sitter's (https://tree-sitter.github.io/tree-sitter/). A *container* is a node whose children are
statements, each of which begins on its own; everything between two such beginnings is one statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Container:
    """What opens a container (empty: it begins with its first child), and whether its children stand one level deeper.

    `#` opens a conditional of the preprocessor: what stands on its first line is the condition.
    """

    opening: str
    deep: bool


class Freedom(NamedTuple):
    """What people may write in two ways: quotes, marks at the end of a statement, a comma before these brackets."""

    quotes: bool = False
    semicolons: bool = False
    commas: str = "}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grammar:
    """One language; `package` and `entry` name the compiled grammar.

    `atoms` are nodes that are one token each, with its kind. Nodes in `definitions` are named by their field of that
    name; those in `valued` only where their value (the field) is a function, a class or an object with methods.
    `wrappers` are nodes that belong to the definition inside them.
    """

    name: str
    package: str
    entry: str = "language"
    containers: Mapping[str, Container]
    atoms: Mapping[str, str] = field(default_factory=dict)
    definitions: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    valued: Mapping[str, str] = field(default_factory=dict)
    wrappers: frozenset[str] = frozenset()
    freedom: Freedom = field(default_factory=Freedom)


BRACES = Container("{", deep=True)
FLAT = Container("", deep=False)
LABELLED = Container(":", deep=False)
CONDITIONAL = Container("#", deep=False)
FUNCTIONS = frozenset(
    {"function", "function_expression", "arrow_function", "generator_function", "class", "class_expression"}
)
"""Values of JavaScript and TypeScript that make a name a definition."""


def _braces(*types: str) -> dict[str, Container]:
    return dict.fromkeys(types, BRACES)


_SCRIPT_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "interface_declaration"}) | frozenset(
    {"enum_declaration", "internal_module", "module"}
)
_SCRIPT = {
    "containers": {
        "program": FLAT,
        "switch_case": LABELLED,
        "switch_default": LABELLED,
        **_braces("statement_block", "class_body", "switch_body", "object", "interface_body", "enum_body"),
    },
    "atoms": {"template_string": "string", "regex": "string", "jsx_text": "string"},
    "definitions": _SCRIPT_CLASSES
    | {"function_declaration", "generator_function_declaration", "method_definition", "function_signature"}
    | {"type_alias_declaration"},
    "classes": _SCRIPT_CLASSES,
    "valued": {
        "variable_declarator": "name",
        "assignment_expression": "left",
        "pair": "key",
        "field_definition": "property",
        "public_field_definition": "name",
    },
    "wrappers": frozenset({"export_statement", "lexical_declaration", "variable_declaration", "expression_statement"})
    | {"ambient_declaration"},
}


def _script(name: str, package: str, entry: str = "language") -> Grammar:
    return Grammar(
        name=name,
        package=package,
        entry=entry,
        freedom=Freedom(quotes=True, semicolons=True, commas=")]}"),
        **_SCRIPT,  # type: ignore[arg-type] # one table for three
    )


JAVASCRIPT = _script("JavaScript", "tree_sitter_javascript")
TYPESCRIPT = _script("TypeScript", "tree_sitter_typescript", "language_typescript")
TSX = _script("TypeScript with JSX", "tree_sitter_typescript", "language_tsx")
_JAVA_CLASSES = frozenset({"class_declaration", "interface_declaration", "enum_declaration"}) | frozenset(
    {"record_declaration", "annotation_type_declaration"}
)
JAVA = Grammar(
    name="Java",
    package="tree_sitter_java",
    containers={
        "program": FLAT,
        "switch_block_statement_group": LABELLED,
        "enum_body_declarations": FLAT,
        **_braces("class_body", "block", "interface_body", "enum_body", "switch_block", "constructor_body"),
        **_braces("annotation_type_body", "module_body"),
    },
    definitions=_JAVA_CLASSES
    | {"method_declaration", "constructor_declaration", "compact_constructor_declaration"}
    | {"annotation_type_element_declaration"},
    classes=_JAVA_CLASSES,
)
GO = Grammar(
    name="Go",
    package="tree_sitter_go",
    containers={
        "source_file": FLAT,
        "statement_list": FLAT,
        "import_spec_list": Container("(", deep=False),
        "const_declaration": Container("(", deep=True),
        "var_spec_list": Container("(", deep=True),
        "type_declaration": Container("(", deep=True),
        **dict.fromkeys(("expression_case", "type_case", "communication_case", "default_case"), LABELLED),
        **_braces("block", "field_declaration_list", "interface_type", "expression_switch_statement"),
        **_braces("type_switch_statement", "select_statement"),
    },
    definitions=frozenset({"function_declaration", "method_declaration", "type_spec"}),
    classes=frozenset({"type_spec"}),
    wrappers=frozenset({"type_declaration"}),
    freedom=Freedom(commas=")]}"),
)
_C_CONDITIONALS = dict.fromkeys(
    ("preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "preproc_elifdef"), CONDITIONAL
)
_C_CLASSES = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})
C = Grammar(
    name="C",
    package="tree_sitter_c",
    containers={
        "translation_unit": FLAT,
        "case_statement": LABELLED,
        **_C_CONDITIONALS,
        **_braces("compound_statement", "field_declaration_list", "enumerator_list", "declaration_list"),
    },
    definitions=_C_CLASSES | {"function_definition"},
    classes=_C_CLASSES,
    wrappers=frozenset({"type_definition"}),
)
_CPP_CLASSES = _C_CLASSES | {"class_specifier", "namespace_definition"}
CPP = Grammar(
    name="C++",
    package="tree_sitter_cpp",
    containers=C.containers,
    atoms={"raw_string_literal": "string"},
    definitions=_CPP_CLASSES | {"function_definition"},
    classes=_CPP_CLASSES,
    wrappers=frozenset({"type_definition", "template_declaration"}),
)
