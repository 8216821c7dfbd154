"""Mistakes made on purpose in changed lines."""

from avr.stages.validate.necessity.meaning import meaning
from avr.stages.validate.necessity.mutants import mutants
from avr.stages.validate.necessity.pieces import pieces
from avr.testing import build

OLD = "def read(path, mode):\n    return open(path, mode)\n\n\ndef size():\n    return 1 + 1\n"
NEW = OLD.replace(
    "    return open", "    if '..' in path and mode != 'w':\n        raise ValueError('bad ' + path)\n    return open"
)
PINNED, PATCHED = build.tree({"a.py": OLD}), build.tree({"a.py": NEW})


def _mutants(most: int = 99) -> list[str]:
    return [each.name for each in mutants(PATCHED, pieces(PINNED, PATCHED), most)[0]]


def test_only_changed_lines_are_mutated() -> None:
    """`1 + 1` is not of the fix, and messages are for readers."""
    found, left_out = mutants(PATCHED, pieces(PINNED, PATCHED), 99)
    assert {2} == {each.line for each in found}
    assert 0 == left_out


def test_conditions_are_turned_round() -> None:
    """Operators of the library, named with the line before and after."""
    assert "a.py:2 swap_op: if '..' in path and mode != 'w': => if '..' in path or mode != 'w':" in _mutants()
    assert "a.py:2 swap_op: if '..' in path and mode != 'w': => if '..' in path and mode == 'w':" in _mutants()
    assert "a.py:2 keywords: if '..' in path and mode != 'w': => if '..' not in path and mode != 'w':" in _mutants()


def test_every_mutant_parses_and_differs_from_all_others() -> None:
    """By syntax tree, so that equal ones are not counted twice."""
    found, _ = mutants(PATCHED, pieces(PINNED, PATCHED), 99)
    meanings = [meaning(each.content) for each in found]
    assert None not in meanings
    assert len(set(meanings)) == len(meanings)
    assert meaning(PATCHED.files["a.py"]) not in meanings


def test_the_choice_is_bounded_and_the_same_every_time() -> None:
    """How many were left out is told."""
    chosen, left_out = mutants(PATCHED, pieces(PINNED, PATCHED), 2)
    assert (2, True) == (len(chosen), left_out > 0)
    assert [each.name for each in chosen] == _mutants(2)


def test_the_choice_is_spread_over_parts() -> None:
    """Two mutants of a fix in two places are one of each."""
    new = {"a.py": "x = a < b\ny = 1\nz = a < b\n"}
    trees = build.tree({"a.py": "x = 1\ny = 1\nz = 1\n"}), build.tree(new)
    chosen, _ = mutants(trees[1], pieces(*trees), 2)
    assert {1, 3} == {each.line for each in chosen}


def test_what_cannot_be_read_has_no_mutants() -> None:
    """Python 2, templates and absurdly deep sources are left alone."""
    deep = "x = " + "-" * 150 + "1\n"
    new = build.tree({"a.py": "print 'a'\n", "t.html": "{% if a < b %}\n", "d.py": deep})
    assert ((), 0) == mutants(new, pieces(build.tree({"a.py": "", "t.html": "", "d.py": ""}), new), 9)
