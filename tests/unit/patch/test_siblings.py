"""Sibling sites: what is told, and what is not."""

from avr.model.backport import Sibling
from avr.model.fix import Fix
from avr.model.source import SourceTree
from avr.stages.patch import backport
from avr.stages.patch.siblings import MOST, siblings
from avr.testing import build

BEFORE = """import yaml


def read(path):
    with open(path) as file:
        return yaml.load(file, Loader=yaml.Loader)
"""
AFTER = BEFORE.replace("yaml.load(file, Loader=yaml.Loader)", "yaml.safe_load(file)")


def found(fix: Fix, pin: dict[str, str]) -> tuple[Sibling, ...]:
    tree = build.tree(pin)
    done = backport(tree, [(fix.advisory, fix)], tree)
    return siblings(done.patched, fix, done.ported[0].hunks, list(done.patched))


def fix(before: str = BEFORE, after: str = AFTER, path: str = "pkg/a.py") -> Fix:
    return build.fix(build.change(path, before, after))


def test_the_same_statement_elsewhere_is_told() -> None:
    """Reformatted, in another file; the place that the fix changed itself is not told."""
    other = "def again(file):\n    return yaml.load(\n        file,\n        Loader=yaml.Loader,\n    )\n"
    told = found(fix(), {"pkg/a.py": BEFORE, "pkg/b.py": other})
    assert [(each.path, each.line, each.like_hunk) for each in told] == [("pkg/b.py", 2, "pkg/a.py:6")]
    assert told[0].lines[0] == "    return yaml.load("


def test_other_variables_and_the_replaced_call_are_told_after_it() -> None:
    """Word for word first, then with other variables, then the call that the fix replaced."""
    pin = {
        "pkg/a.py": BEFORE,
        "pkg/call.py": "def c(text):\n    config = dict(yaml.load(text), x=1)\n",
        "pkg/renamed.py": "def r(stream):\n    return yaml.load(stream, Loader=yaml.Loader)\n",
        "pkg/same.py": "def s(file):\n    return yaml.load(file, Loader=yaml.Loader)\n",
    }
    told = found(fix(), pin)
    assert [each.path for each in told] == ["pkg/same.py", "pkg/renamed.py", "pkg/call.py"]
    assert "yaml.load" in told[2].why


def test_what_is_found_everywhere_tells_nothing() -> None:
    """A pattern of more places than the bound is a way to write."""
    many = {
        f"pkg/m{number}.py": "def f(file):\n    return yaml.load(file, Loader=yaml.Loader)\n" for number in range(30)
    }
    assert len(found(fix(), {"pkg/a.py": BEFORE, **many})) == 0
    few = dict(list(many.items())[: MOST - 1])
    assert len(found(fix(), {"pkg/a.py": BEFORE, **few})) == MOST - 1


def test_trivial_statements_do_not_count() -> None:
    """A short assignment resembles half of any program."""
    before, after = "def f(x):\n    y = x\n    return y\n", "def f(x):\n    y = check(x)\n    return y\n"
    pin = {"pkg/a.py": before, "pkg/b.py": "def g(x):\n    y = x\n    return y + 1\n"}
    assert found(fix(before, after), pin) == ()


def test_an_addition_and_an_unplaced_hunk_have_no_siblings() -> None:
    """Nothing was taken away, or the place itself is open."""
    added = fix(BEFORE, BEFORE.replace("    with", "    check(path)\n    with"))
    assert found(added, {"pkg/a.py": BEFORE, "pkg/b.py": BEFORE}) == ()
    assert found(fix(), {"pkg/a.py": "x = 1\n", "pkg/b.py": BEFORE}) == ()


def test_other_languages_are_read_line_by_line() -> None:
    """A file of no known language has lines for statements."""
    before, after = "eval(read_input(args));\n", "parse(read_input(args));\n"
    told = found(fix(before, after, "a.zig"), {"a.zig": before, "b.zig": "  eval(read_input(args));\n"})
    assert [(each.path, each.line) for each in told] == [("b.zig", 1)]


def test_hostile_files_end() -> None:
    """Long lines, binary files and open brackets cost little."""
    tree = SourceTree(files={"pkg/a.py": BEFORE.encode(), "b.py": b"yaml.load(" * 90000, "c.py": b"\0yaml.load("})
    made = fix()
    done = backport(tree, [(made.advisory, made)], tree)
    assert len(siblings(done.patched, made, done.ported[0].hunks, list(tree))) <= MOST
