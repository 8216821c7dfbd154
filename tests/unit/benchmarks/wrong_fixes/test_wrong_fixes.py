"""The planted wrong fixes are what they say, and the gates refuse those of one package."""

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.wrong_fixes.cases import KINDS, Case, cases
from benchmarks.wrong_fixes.run import table, tried

from avr import config
from avr.model.identifiers import Gate

ALL = cases()


def test_there_are_enough_of_each_kind() -> None:
    """At least sixty over eight packages, seven of each kind, each with a name of its own."""
    kinds = Counter(wrong.kind for case in ALL for wrong in case.wrong)
    assert len(ALL) >= 8
    assert sum(kinds.values()) >= 60
    assert dict.fromkeys(KINDS, True) == {kind: kinds[kind] >= 7 for kind in KINDS}
    names = [wrong.name for case in ALL for wrong in case.wrong]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_each_is_a_patch_of_its_own_that_parses(case: Case) -> None:
    """No wrong fix equals the pin's code, the right fix or another one."""
    module = f"{case.package}.py"
    right = ast.dump(ast.parse(case.fixed.files[module]))
    codes = [ast.dump(ast.parse(wrong.tree.files[module])) for wrong in case.wrong]
    assert right not in codes
    assert right != ast.dump(ast.parse(case.other.files[module]))
    assert ast.dump(ast.parse(case.pin.files[module])) not in codes
    trees = [tuple(sorted(wrong.tree.files.items())) for wrong in case.wrong]
    assert len(set(trees)) == len(trees)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_weakened_test_is_weakened(case: Case) -> None:
    """These patches change test files, and no other kind does."""
    for wrong in case.wrong:
        tests = [path for path in case.fixed.differing(wrong.tree) if path.startswith("tests/")]
        assert (wrong.kind == "test weakened") == bool(tests), wrong.name


@pytest.mark.sandbox
@pytest.mark.index
def test_the_gates_refuse_them(tmp_path: Path) -> None:
    """One package through the real gates: the right fix is called fixed, three wrong ones are not."""
    (case,) = cases(("token",))
    wanted = ("token/any-left-out", "token/returns-early", "token/one-algorithm")
    few = replace(case, wrong=tuple(each for each in case.wrong if each.name in wanted))
    control, other, rows = tried(few, config.load({"AVR_CACHE": str(tmp_path / "cache")}), tmp_path)
    assert control.fixed, control.found.why
    assert (False, True) == (other.fixed, other.without()), "only where upstream's lines do not fit"
    assert Gate.NECESSITY in {each.gate for each in control.evidence}
    assert [(each, False) for each in wanted] == [(row.wrong.name, row.ruling.fixed) for row in rows]
    assert [(each, False) for each in wanted] == [(row.wrong.name, row.ruling.without()) for row in rows]
    assert "| all | 3 | 3 | 3 |" in table(rows)[-1]
