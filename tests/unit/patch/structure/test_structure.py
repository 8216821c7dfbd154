"""The parts of rung R4, each by itself."""

from dataclasses import replace

import pytest

from avr.model.backport import Rung
from avr.model.source import SourceTree
from avr.stages.patch.calls import calls
from avr.stages.patch.change import Placement, Present, Refusal, Upstream
from avr.stages.patch.foreign import foreign_name
from avr.stages.patch.languages.interface import Source
from avr.stages.patch.languages.python import PYTHON
from avr.stages.patch.portfile import port
from avr.stages.patch.structure.alignment import align
from avr.stages.patch.structure.counterpart import Counterpart, File, Finder
from avr.stages.patch.structure.names import bound, provided, used
from avr.stages.patch.structure.transplant import transplant
from avr.stages.patch.structure.units import units
from avr.stages.patch.text import Replacement, Text

BODY = """def clean(word, marks):
    start = word.lstrip(marks)
    middle = start.rstrip(marks)
    return middle.lower().replace("a", "b")
"""


def source(text: str) -> Source:
    found = PYTHON.read(tuple(text.splitlines()))
    assert found is not None
    return found


def file(path: str, text: str) -> File:
    found = File.of(path, Text.of(text.encode()))
    assert found is not None
    return found


def found(pin: dict[str, str], path: str | None = "a.py", upstream: str = BODY) -> str | None:
    """Where the first unit of upstream's file is in the pin: path and name, or None where that is refused."""
    mine = file("a.py", upstream)
    tree = SourceTree(files={name: text.encode() for name, text in pin.items()})
    answer = Finder(mine, tree, path).find(mine.units[0])
    return f"{answer.file.path}:{'.'.join(answer.unit.name)}" if isinstance(answer, Counterpart) else None


def test_units_are_definitions_and_values_outside_of_functions() -> None:
    """Methods and values of classes count, local variables and targets that are no plain name do not."""
    text = "A = 1\nclass B:\n    c: int = 2\n    def d(self):\n        e = 3\nf.g = 4\nh, i = 5\nj == 6\nk += 7\n"
    assert [(".".join(each.name), each.kind) for each in units(source(text))] == [
        ("A", "value"),
        ("B", "class"),
        ("B.c", "value"),
        ("B.d", "function"),
    ]


@pytest.mark.parametrize(
    ("pin", "path", "expected"),
    [
        ({"a.py": BODY}, "a.py", "a.py:clean"),
        ({"a.py": "x = 1\n", "b.py": BODY}, "a.py", "b.py:clean"),
        ({"b.py": BODY}, None, "b.py:clean"),
        ({"a.py": "x = 1\n", "b.py": BODY, "c.py": BODY}, "a.py", None),
        ({"a.py": BODY.replace("clean", "tidy")}, "a.py", "a.py:tidy"),
        ({"a.py": BODY.replace("clean", "tidy") + BODY.replace("clean", "wash")}, "a.py", None),
        ({"a.py": BODY + BODY}, "a.py", None),
        ({"a.py": "class C:\n    " + BODY.replace("\n", "\n    ").rstrip() + "\n"}, "a.py", "a.py:C.clean"),
        ({"a.py": "def clean(a):\n    with open(a) as b:\n        return json.load(b)\n"}, "a.py", None),
        ({"a.py": "def cleaner(a):\n    with open(a) as b:\n        return json.load(b)\n"}, "a.py", None),
        ({"a.py": "x = 1\n", "b.js": "function clean(word, marks) { return word; }\n"}, "a.py", None),
    ],
)
def test_a_unit_has_one_sure_counterpart_or_none(pin: dict[str, str], path: str | None, expected: str | None) -> None:
    """By scope, by name elsewhere, by what it says; two candidates that are nearly as good are refused."""
    assert found(pin, path) == expected


def test_a_function_that_was_split_is_found_under_the_name_of_its_front() -> None:
    """The pin's function has a namesake upstream, which is only a front for the one that is sought."""
    front = "\n\ndef tidy(word):\n    return clean(word, MARKS)\n"
    assert found({"a.py": BODY.replace("def clean", "def tidy")}, upstream=BODY + front) == "a.py:tidy"


def test_a_transplanted_method_comes_back_where_it_was() -> None:
    """The pin's lines stand in upstream's place with its indentation; replacements go back with the pin's."""
    base, pin = Text.of(b"import a\ndef f():\n    x()\nz = 1\n"), Text.of(b"class C:\n\tdef f():\n\t\ty()\n")
    moved = transplant(base, (1, 3), pin, (1, 3), "b.py")
    assert moved is not None
    assert moved.text.lines == ("import a", "def f():", "\ty()", "z = 1")
    outside = Placement(
        rung=Rung.MERGE, replacements=(Replacement(start=3, end=4, lines=()),), verbatim=True, score=1.0
    )
    assert moved.back(outside) is None
    inside = replace(outside, replacements=(Replacement(start=2, end=3, lines=("\tv()",)),))
    back = moved.back(inside)
    assert isinstance(back, Placement)
    assert (back.replacements, back.verbatim) == ((Replacement(start=2, end=3, lines=("\t\tv()",)),), False)
    assert moved.back(Present(rung=Rung.MERGE, line=2)) == Present(rung=Rung.MERGE, line=2)


def test_lines_of_a_string_are_not_moved_sideways() -> None:
    """A text that hangs out of the definition's indentation forbids another one."""
    base = Text.of(b"def f():\n    x()\n")
    pin = Text.of(b'class C:\n    def f():\n        x = """\nout\n"""\n')
    assert transplant(base, (0, 2), pin, (1, 5), "b.py") is None


def test_statements_are_aligned_by_what_they_share() -> None:
    """Equal ones first, drifted ones in order between them; what has no counterpart has none."""
    base = source("def f(a):\n    b = g(a, 1)\n    c = h(b)\n    log(c)\n    return c\n")
    ours = source("def f(a):\n    b = g(a, 1, 2)\n    c = h(b)\n    return c.d\n")
    aligned = align(base, ours, (0, 5), (0, 4), (0, 0))
    assert aligned.to_ours == {0: 0, 1: 1, 2: 2, 4: 3}
    assert aligned.exact == {0, 2}


def test_two_statements_that_are_as_alike_are_not_aligned() -> None:
    """A drifted statement with two candidates has no counterpart."""
    base, ours = source("def f(a):\n    g(a, 1, 2)\n"), source("def f(a):\n    g(a, 1, 3)\n    g(a, 1, 4)\n")
    assert align(base, ours, (0, 2), (0, 3), (0, 0)).to_ours == {0: 0}


def test_names_are_used_bound_and_provided() -> None:
    """Attributes and keywords of a call are no names; a name that is bound from itself was bound before."""
    statements = source("a = b.c(d=e)\nfor i, j in k:\n    l = l + 1\nwith m as n: pass\n").statements
    assert used(statements) == {"a", "b", "e", "i", "j", "k", "l", "m", "n"}
    assert bound(statements) == {"a", "i", "j", "l", "n"}
    assert provided(statements) == {"a", "i", "j", "n"}


@pytest.mark.parametrize(("pin", "expected"), [("target", None), ("goal", "target")])
def test_a_merged_edit_brings_no_foreign_name(pin: str, expected: str | None) -> None:
    """What upstream's function binds must at least be mentioned by the pin's."""
    before = "def f(a):\n    target = a\n    x(1)\n    y(2)\n"
    after = before.replace("    x(1)\n", "    x(1)\n    check(target)\n")
    upstream = Upstream.of(before.encode(), after.encode(), "a.py")
    replacement = Replacement(start=3, end=3, lines=("    check(target)",))
    ported = port(upstream, Text.of(before.encode()), [0]).answers[0].verdict
    assert isinstance(ported, Placement)
    made = Placement(rung=ported.rung, replacements=(replacement,), verbatim=True, score=1.0)
    assert foreign_name(upstream, Text.of(before.replace("target", pin).encode()), upstream.edits[0], made) == expected


def test_a_refusal_names_both_candidates() -> None:
    """Who reads the record sees what the tie was between."""
    mine = file("a.py", BODY)
    tree = SourceTree(files={"b.py": BODY.encode(), "c.py": BODY.encode()})
    answer = Finder(mine, tree, None).find(mine.units[0])
    assert answer == Refusal(reason="'clean' could be 'clean in c.py' or 'clean in b.py'")


def test_calls_are_known_by_name_and_arguments() -> None:
    """Keywords before a bracket are no calls, attributes are known by their last name."""
    (statement,) = source("if a.b(c, d(1)) and not (e): pass\n").statements
    assert calls(statement) == {"b": ("c", ",", "d", "(", "1", ")"), "d": ("1",)}
