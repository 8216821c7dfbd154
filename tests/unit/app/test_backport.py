"""The conditions of a backport's result, and what is told of a fix before it is carried over."""

from collections.abc import Sequence

from avr.app.backport.conditions import conditions
from avr.app.backport.remarks import looks_unrelated, without_unportable
from avr.app.backport.request import Request
from avr.model.backport import Backport
from avr.model.fix import Fix
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.stages.patch import backport
from avr.testing import build

BEFORE, AFTER = "def f(x):\n    return load(x)\n", "def f(x):\n    return safe_load(x)\n"
FIX = build.fix(build.change("a.py", BEFORE, AFTER))


def failed(result: SourceTree, pin: SourceTree | None = None) -> list[str]:
    pin = pin or build.tree({"a.py": BEFORE})
    request = Request(pin=pin, onto="pin", fixes=(FIX,), upstream=pin)
    done = backport(pin, [(FIX.advisory, FIX)], pin)
    return [each.name for each in conditions(request, done, result, backport) if not each.holds]


def test_a_sound_result_meets_every_condition() -> None:
    """Nothing is told where nothing is wrong."""
    assert failed(build.tree({"a.py": AFTER})) == []


def test_a_broken_file_and_a_file_out_of_scope_are_told() -> None:
    """Each names its condition."""
    assert failed(build.tree({"a.py": AFTER + "def (\n"}))[0] == "parses"
    pin = build.tree({"a.py": BEFORE, "b.py": "x = 1\n"})
    assert failed(build.tree({"a.py": AFTER, "b.py": "x = 2\n"}), pin)[-1] == "in scope"


def test_a_result_that_changes_again_is_told() -> None:
    """An engine that makes the fix twice is found out."""
    pin = build.tree({"a.py": BEFORE})

    def twice(tree: SourceTree, steps: Sequence[tuple[AdvisoryId, Fix]], tests: SourceTree) -> Backport:
        del tests
        patched = tree.replacing({"a.py": (tree.get("a.py") or b"") + b"again = 1\n"})
        return build.backport(tree, patched, build.ported(steps[0][1], build.hunk("a.py")), tests={})

    request = Request(pin=pin, onto="pin", fixes=(FIX,), upstream=pin)
    done = twice(pin, [(FIX.advisory, FIX)], pin)
    found = {each.name: each.detail for each in conditions(request, done, done.patched, twice) if not each.holds}
    assert found == {"again changes nothing": "made again, a.py changes once more"}


def test_files_that_share_changed_names_are_one_fix() -> None:
    """A caller changed with what it calls is no other work; a palette is."""
    caller = build.change("view.py", "from a import f\nf(1)\n", "from a import f\nf(safe_load(1))\n")
    palette = build.change("colors.py", "RED = '#f00'\n", "RED = '#e00'\n")
    assert looks_unrelated(build.fix(*FIX.files, caller)) == ()
    assert looks_unrelated(build.fix(*FIX.files, caller, palette)) == ("colors.py",)


def test_what_machines_wrote_is_left_out_and_blocks_where_it_exists() -> None:
    """Generated code is made anew from its sources."""
    made = build.change("out.py", "# @generated\nx = 1\n", "# @generated\nx = 2\n")
    fix, remarks = without_unportable(build.fix(*FIX.files, made), build.tree({"out.py": "x = 1\n"}))
    assert [each.path for each in fix.files] == ["a.py"]
    assert [(each.code, each.blocking) for each in remarks] == [("backport.generated", True)]
    assert not without_unportable(build.fix(made), build.tree({}))[1][0].blocking
