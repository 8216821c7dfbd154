"""Languages with braces: what is a statement, what makes two of them equal, what they define and import."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avr.stages.patch.imports import strangers
from avr.stages.patch.languages import language_of, read
from avr.stages.patch.languages.interface import Import, Language, Source
from avr.tools.diff import Edit

SUFFIXES = ("js", "ts", "tsx", "java", "go", "c", "cpp", "py")


def language(suffix: str) -> Language:
    found = language_of(f"a.{suffix}")
    assert found is not None
    return found


def source(suffix: str, text: str) -> Source:
    found = read(language(suffix), tuple(text.split("\n")))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("suffix", "one", "two"),
    [
        ("js", "f(a, 'b');", 'f( a,"b" )'),
        ("js", "const x = [1, 2];", "const x = [\n  1,\n  2,\n]"),
        ("js", "if (a) {\n  b();\n}", "if (a)\n{\n\tb()\n}"),
        ("js", "f(a); // why", "/* how */ f(a);"),
        ("js", "const o = { a: 1, b() { c(); } };", "const o = { a: 1, b() { c() }, }"),
        ("js", "f(function () {});", "f(function () {\n});"),
        ("ts", "let a: string = 'b';", 'let a: string = "b"'),
        ("java", "class A {\n  int b;\n}", "class A\n{\n    int b;  // c\n}"),
        ("java", "int[] a = {1, 2};", "int[] a = { 1, 2, };"),
        ("go", "x := f(a, b)", "x := f(\n\ta,\n\tb,\n)"),
        ("c", "int f(int a)\n{\n  return a;\n}", "int\nf (int a) {\n\treturn a; /* b */\n}"),
    ],
)
def test_layout_does_not_make_a_difference(suffix: str, one: str, two: str) -> None:
    """Statements that differ in what people choose freely are equal."""
    assert source(suffix, one).keys == source(suffix, two).keys


@pytest.mark.parametrize(
    ("suffix", "one", "two"),
    [
        ("js", "a = [1,,];", "a = [1,];"),
        ("js", "f('it\\'s')", 'f("it")'),
        ("js", "f(`a`)", "f('a')"),
        ("js", "x = /a b/", "x = /ab/"),
        ("js", "x = a - -b", "x = a --b"),
        ("js", "x = `${a} b`", "x = `${a}  b`"),
        ("java", "char a = 'b';", 'String a = "b";'),
        ("java", "f();", "f()"),
        ("c", "F(a,);", "F(a);"),
        ("c", "x = 'a';", 'x = "a";'),
        ("go", "x := `a`", 'x := "a"'),
        ("js", "if (a) {\n  b();\n}\nc();", "if (a) {\n  b();\n  c();\n}"),
    ],
)
def test_meaning_makes_a_difference(suffix: str, one: str, two: str) -> None:
    """Statements that could mean different things are not equal."""
    assert source(suffix, one).keys != source(suffix, two).keys


def test_statements_follow_the_tree() -> None:
    """Heads, simple statements and closing braces are statements; a callback's body is one step deeper."""
    found = source("js", "on('a', () => {\n  if (b)\n    c();\n  else {\n    d();\n  }\n});").statements
    assert [(each.level, each.first, each.last, each.shape.key) for each in found] == [
        (0, 0, 1, "on ( 'a' , ( ) => {"),
        (1, 1, 4, "if ( b ) c ( ) ; else {"),
        (2, 4, 5, "d ( )"),
        (1, 5, 6, "}"),
        (0, 6, 7, "} )"),
    ]


def test_no_two_statements_share_a_line() -> None:
    """What begins on the line where something ends is one statement with it."""
    found = source("java", "class A { int a; int b;\n  int c() { return 1; } }").statements
    assert [(each.first, each.last) for each in found] == [(0, 1), (1, 2)]


def test_lines_that_no_parser_understands_are_opaque() -> None:
    """A line with an error is one token; the definitions around it are read as always."""
    found = source("c", "int a;\nENTRY(get, 1) ENTRY(put, 2)\nint f(void)\n{\n  return 1;\n}\n")
    assert "opaque" in {each.shape.kinds[0] for each in found.statements}
    assert found.keys[-3:] == ("0 int f ( void ) {", "1 return 1 ;", "0 }")


@pytest.mark.parametrize(
    ("suffix", "text", "expected"),
    [
        ("js", "function a() {\n}\nclass B {\n  c() {\n  }\n}", [("a",), ("B",), ("B", "c")]),
        ("js", "const a = () => {\n};\nvar b = 1;", [("a",)]),
        ("js", "A.prototype.b = function () {\n};", [("A", "b")]),
        ("js", "exports.a = {\n  b: function () {\n  },\n  c() {\n  },\n  d: 1\n};", None),
        ("js", "describe('a', () => {\n  it('b', () => {\n  });\n});", [("describe a",), ("describe a", "it b")]),
        ("ts", "export abstract class A {\n  b(): void {\n  }\n}", [("A",), ("A", "b")]),
        ("java", "class A {\n  A() {\n  }\n  enum B { C }\n}", [("A",), ("A", "A"), ("A", "B")]),
        ("go", "type A struct {\n}\nfunc (a *A) B() {\n}\nfunc C() {\n}", [("A",), ("A.B",), ("C",)]),
        ("c", "static char *a(int b)\n{\n}\nstruct c {\n  int d;\n};", [("a",), ("c",)]),
        ("cpp", "namespace a {\nclass B {\n  int c() {\n  }\n};\nint B::d() {\n}\n}", None),
    ],
)
def test_definitions_are_found(suffix: str, text: str, expected: list[tuple[str, ...]] | None) -> None:
    """Functions, methods, classes, objects with methods and test blocks, by their whole names."""
    special = {
        "js": [("a",), ("a", "b"), ("a", "c")],
        "cpp": [("a",), ("a", "B"), ("a", "B", "c"), ("a", "B::d")],
    }
    found = source(suffix, text)
    names = [each.name for each in found.language.definitions(found)]
    assert names == (special[suffix] if expected is None else expected)


def test_the_head_of_a_definition_is_inside_it() -> None:
    """Every line knows the definitions around it."""
    lines = ["class A {", "  @Override", "  int b() {", "    return 1;", "  }", "", "  int c;", "}", "// end"]
    assert language("java").scopes(lines) == [
        ("A",), ("A", "b"), ("A", "b"), ("A", "b"), ("A", "b"), ("A",), ("A",), ("A",), (),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("suffix", "line", "expected"),
    [
        ("js", "import a, { b as c } from 'd';", {("d", "default", "a"), ("d", "b", "c")}),
        ("js", "import * as a from 'b'", {("b", "*", "a")}),
        ("js", "const { a, b: c } = require('d');", {("d", "a", None), ("d", "b", "c")}),
        ("js", "var a = require('b');", {("b", "default", "a")}),
        ("js", "var a = require('b').a;", {("b", "a", None)}),
        ("js", "var a = require('b')();", set()),
        ("js", "import('a');", set()),
        ("ts", "import type { A } from 'b';", set()),
        ("java", "import a.b.C;", {("a.b", "C", None)}),
        ("java", "import static a.B.c;", {("static a.B", "c", None)}),
        ("go", 'import "net/http"', {("net", "http", None)}),
        ("c", "#include <sys/a.h>", {(None, "<sys/a.h>", None)}),
    ],
)
def test_imports_are_read_as_names(suffix: str, line: str, expected: set[tuple[str | None, str, str | None]]) -> None:
    """ES modules and `require`, Java, Go and C: one name each."""
    found = source(suffix, line)
    names = found.language.imports(found.statements[0])
    assert {(each.module, each.name, each.alias) for each in names} == expected


@pytest.mark.parametrize(
    ("suffix", "pin", "wanted", "expected"),
    [
        ("js", "const a = require('a')\nlet b", Import(module="c", name="d"), "const { d } = require('c')"),
        ("js", "var a = require('a');", Import(module="c", name="d"), "var d = require('c').d;"),
        ("js", "var a = require('a');", Import(module="c", name="default", alias="d"), "var d = require('c');"),
        ("js", "import a from 'a';", Import(module="c", name="d", alias="e"), "import { d as e } from 'c';"),
        ("java", "import a.B;", Import(module="static c.D", name="e"), "import static c.D.e;"),
        ("go", 'import "a"', Import(module="net", name="http"), 'import "net/http"'),
        ("go", 'import (\n\t"a"\n)', Import(module="", name="fmt"), '\t"fmt"'),
        ("c", "#include <a.h>", Import(module=None, name='"b.h"'), '#include "b.h"'),
    ],
)
def test_an_import_is_written_as_the_pin_imports(suffix: str, pin: str, wanted: Import, expected: str) -> None:
    """The module system, quotes and punctuation are the pin's."""
    assert language(suffix).import_line(wanted, source(suffix, pin)) == expected


def test_an_import_gets_one_more_name_in_its_place() -> None:
    """Sorted names stay sorted, wrapped ones stay wrapped; a default import cannot be widened."""
    one = source("js", "import { a, c } from 'm';")
    assert one.language.widened_import(one.statements[0], Import(module="m", name="b"), one) == (
        "import { a, b, c } from 'm';",
    )
    two = source("js", "const {\n  b: x,\n  c,\n} = require('m')")
    assert two.language.widened_import(two.statements[0], Import(module="m", name="d", alias="e"), two) == (
        "const {", "  b: x,", "  c,", "  d: e,", "} = require('m')",
    )  # fmt: skip
    three = source("js", "import a from 'm';")
    assert three.language.widened_import(three.statements[0], Import(module="m", name="b"), three) is None


@pytest.mark.parametrize(
    ("pin", "wanted", "strange"),
    [
        ("import javax.servlet.A;", "jakarta.servlet.B", True),
        ("import javax.servlet.A;", "javax.servlet.B", False),
        ("import org.other.B;", "org.one.B", True),
        ("import javax.servlet.A;", "java.util.List", False),
        ("package org.app;", "org.app.B", False),
    ],
)
def test_an_import_can_be_a_stranger(pin: str, wanted: str, strange: bool) -> None:
    """A package that the pin does not use, or a name that it has from elsewhere, is not joined."""
    before, after = source("java", "class A {}"), source("java", f"import {wanted};\nclass A {{}}")
    assert bool(strangers(before, after, Edit(0, 0, 0, 1), source("java", pin))) == strange


def test_statements_end_as_in_the_pin() -> None:
    """Semicolons come and go with the pin's habit, never behind a brace."""
    with_, without = source("js", "a();\nb();\nc();"), source("js", "a()\nb()\nc()")
    bracket, brace = with_.statements[0].tokens[-1], source("js", "if (a) {\n  b()\n}").statements[0].tokens[-1]
    script = language("js")
    assert [script.restyled(bracket, gap, with_) for gap in (";\n", "\n", " // c\n")] == [";\n", ";\n", "; // c\n"]
    assert [script.restyled(bracket, gap, without) for gap in (";\n", "\n")] == ["\n", "\n"]
    assert script.restyled(brace, "\n", with_) == "\n"


def test_faults_are_counted() -> None:
    """A file is worse than before when it has more places that the parser does not understand."""
    script = language("js")
    assert [script.faults(text) for text in ("a();\n", "a(;\n")] == [0, 1]
    assert script.parses(b"a();\n")
    assert not script.parses(b"function (\n")


WORDS = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    "a",
    "'b'",
    '"c',
    "/",
    "/*",
    "*/",
    "<",
    ">",
    "else",
    "=>",
    "#endif",
    "\\",
    "@L",
]
LONGER = [
    "#endif",
    "\\",
    "@L",
    "= 1",
    "`d ${",
    "/* e",
    "// f",
    "function g() {",
    "class H {",
    "if (i)",
    "case 1:",
    "#if J",
    "import k",
    "x,\n",
]
ODD = ["\n", "\t", "\r", "\x00", "\xff", "\xc3", "func (m *N) O() {"]
FRAGMENTS = st.lists(st.sampled_from([*WORDS, *LONGER, *ODD]), max_size=40)


@given(st.sampled_from(SUFFIXES), FRAGMENTS)
@settings(max_examples=300)
def test_whatever_is_read_is_covered_once_and_in_order(suffix: str, fragments: list[str]) -> None:
    """Reading never fails; statements and their tokens stand in the text where they say, one after the other."""
    lines = tuple(" ".join(fragments).split("\n"))
    found = read(language(suffix), lines)
    assert len(language(suffix).scopes(lines)) == len(lines)
    if found is None:
        return
    assert found.text == "\n".join(lines) + "\n"
    assert found.keys == tuple(each.key for each in found.statements)
    at, line = 0, 0
    for each in found.statements:
        assert line <= each.first < each.last <= len(lines)
        assert lines[each.first].startswith(each.indent)
        tokens = each.tokens
        assert each.start == tokens[0].start >= at
        for token in tokens:
            assert at <= token.start < token.end
            assert token.kind == "string" or found.text[token.start : token.end] == token.norm
            at = token.end
        line = each.last


@given(st.sampled_from(SUFFIXES[:-1]), FRAGMENTS)
def test_definitions_are_ranges_of_statements(suffix: str, fragments: list[str]) -> None:
    """Whatever the file, definitions are named and not empty."""
    found = read(language(suffix), tuple(" ".join(fragments).split("\n")))
    if found is not None:
        for each in found.language.definitions(found):
            assert each.name
            assert 0 <= each.first < each.last <= len(found.statements)


@pytest.mark.parametrize("suffix", ["js", "java", "c", "go"])
def test_hostile_files_are_read_in_bounded_time(suffix: str) -> None:
    """Deep nesting, one long line, open comments and open brackets cost seconds of processor time at most."""
    start = time.process_time()
    deep = ("(" * 20_000, "{\n" * 5_000, "[\n" * 5_000 + "]\n" * 5_000)
    for text in (*deep, "/*\n" * 5_000, "a" * 100_000, "`${" * 6_000, '"\n' * 5_000, 'R"(\n' * 5_000, "<\n" * 5_000):
        read(language(suffix), tuple(text.split("\n")))
        language(suffix).faults(text)
    assert time.process_time() - start < 15


def test_large_files_are_read_in_linear_time() -> None:
    """Twice the lines cost about twice the time, and twenty thousand of them a few seconds."""
    start = time.process_time()
    text = "".join(f"function f{each}(a) {{\n  return g(a, {each}, 'x');\n}}\n" for each in range(7_000))
    found = source("js", text)
    assert len(found.statements) == 21_000
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class A {\n  f() {\n  }\n}", ("A", "f")),
        ("A.prototype.f = function () {\n};", ("A", "f")),
        ("exports.A.prototype.f = function () {\n};", ("A", "f")),
        ("A.prototype = {\n  f: function () {\n  }\n};", ("A", "f")),
        ("A.f = function () {\n};", ("A", "f")),
        ("a.f = function () {\n};", ("a.f",)),
        ("export function f() {\n}", ("f",)),
        ("exports.f = function () {\n};", ("f",)),
        ("module.exports.f = function () {\n};", ("f",)),
        ("module.exports = {\n  f() {\n  }\n};", ("f",)),
        ("module.exports = function () {\n  function f() {\n  }\n};", ("module.exports", "f")),
    ],
)
def test_one_name_for_all_ways_to_write_a_function(text: str, expected: tuple[str, ...]) -> None:
    """A method is called alike with and without `class`, an export alike in both module systems."""
    found = source("js", text)
    assert found.language.definitions(found)[-1].name == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class A {\n  async f() {\n  }\n}", ("class", "async function", "instance")),
        ("class A {\n  static f() {\n  }\n}", ("class", "function", "class")),
        ("class A {\n  get f() {\n  }\n}", ("class", "", "instance")),
        ("A.prototype.f = function* () {\n};", ("statement", "function*", "instance")),
        ("A.prototype = {\n  f() {\n  }\n};", ("object", "function", "instance")),
        ("const f = () => {\n};", ("statement", "", "free")),
        ("exports.f = function () {\n};", ("statement", "function", "free")),
    ],
)
def test_the_form_of_a_function_is_told(text: str, expected: tuple[str, str, str]) -> None:
    """What it stands in, which plain function is like it, and what `this` is there."""
    found = source("js", text)
    form = found.language.definitions(found)[-1].form
    assert form is not None
    assert form[:3] == expected
