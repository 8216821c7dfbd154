"""What holds for every file and every fix, tried on many."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from avr.model.backport import Backport, HunkStatus
from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.stages.patch import backport
from avr.stages.patch.text import Replacement, Text
from avr.tools.diff import apply_unified, unified_tree

ID = AdvisoryId("CVE-0000-0001")
FUNCTION = '''def name_{0}(value):
    """Do {0}."""
    first = value + {0}
    second = combine(first, "{0}")
    return second


'''
BODIES = st.lists(st.integers(0, 30), min_size=3, max_size=12, unique=True)
LINES = st.lists(st.sampled_from(["a = 1", "if a:", "    b()", "", "return", ")", "'''", "x = (", "# c"]), max_size=25)


def carried(before: bytes, after: bytes, pin: bytes, path: str = "m.py") -> Backport:
    change = FileChange(path_before=path, path_after=path, before=before, after=after, kind=ChangeKind.CODE)
    fix = Fix(advisory=ID, route=FixRoute.COMMIT, files=(change,), confidence=1.0, reasons=())
    tree = SourceTree(files={path: pin})
    return backport(tree, [(ID, fix)], tree)


def module(bodies: list[int], *, fixed: int | None = None) -> str:
    text = "".join(FUNCTION.format(each) for each in bodies)
    return text.replace(f"value + {fixed}\n", f"check(value) + {fixed}\n") if fixed is not None else text


@given(st.binary(max_size=300))
def test_text_gives_its_bytes_back(data: bytes) -> None:
    """Reading and writing a file loses no byte, whatever is in it."""
    assert Text.of(data).to_bytes() == data


@given(st.binary(max_size=200), st.lists(st.binary(max_size=5), max_size=3))
def test_a_replaced_range_has_the_lines_it_was_given(data: bytes, new: list[bytes]) -> None:
    """Replacing the first lines of a text keeps all the others."""
    text = Text.of(data)
    lines = tuple(each.decode("latin-1").replace("\r", "").replace("\n", "") for each in new)
    end = min(2, len(text.lines))
    replaced = text.replacing([Replacement(start=0, end=end, lines=lines)])
    assert replaced.lines == (*lines, *text.lines[end:])


@given(BODIES, st.data())
def test_unrelated_drift_does_not_change_the_outcome(bodies: list[int], data: st.DataObject) -> None:
    """Functions that come, go or change elsewhere in the pin leave the placement of a fix as it is."""
    fixed = data.draw(st.sampled_from(bodies))
    drifted = [each for each in bodies if each == fixed or data.draw(st.booleans())]
    drifted[0:0] = data.draw(st.lists(st.integers(40, 60), max_size=3, unique=True))
    pin = module(drifted)
    done = carried(module(bodies).encode(), module(bodies, fixed=fixed).encode(), pin.encode())
    assert done.patched.files["m.py"].decode() == module(drifted, fixed=fixed)
    assert done.ported[0].complete


@given(LINES, LINES, LINES)
@settings(max_examples=200)
def test_nothing_crashes_and_all_is_reversible(before: list[str], after: list[str], pin: list[str]) -> None:
    """Whatever the three files are, the engine answers, and its patch leads from the pin and back."""
    done = carried("\n".join(before).encode(), "\n".join(after).encode(), "\n".join(pin).encode())
    if done.changed_paths:
        patch, back = unified_tree(done.pinned, done.patched), unified_tree(done.patched, done.pinned)
        assert apply_unified(done.pinned, patch) == done.patched
        assert apply_unified(done.patched, back) == done.pinned


@given(LINES, LINES)
@settings(max_examples=200)
def test_no_fix_is_made_twice(before: list[str], after: list[str]) -> None:
    """A complete backport made again on its own result changes nothing."""
    old, new = "\n".join(before).encode(), "\n".join(after).encode()
    done = carried(old, new, old)
    if done.ported[0].complete:
        assert carried(old, new, done.patched.files["m.py"]).changed_paths == ()


@given(st.binary(max_size=120), st.binary(max_size=120), st.binary(max_size=120), st.sampled_from(["m.py", "m.c"]))
@settings(max_examples=200)
def test_arbitrary_bytes_are_answered(before: bytes, after: bytes, pin: bytes, path: str) -> None:
    """No content of the three files ends in an exception."""
    done = carried(before, after, pin, path)
    assert all(isinstance(hunk.status, HunkStatus) for hunk in done.ported[0].hunks)


def test_hostile_files_are_answered_in_bounded_time() -> None:
    """Ten thousand equal lines, open quotes and open brackets cost seconds, not hours."""
    start = time.monotonic()
    same = b"a\n" * 10000
    carried(same, same + b"b\n" + same, same * 2)
    carried(b"'''" * 5000, b'"""' * 5000, b"(" * 20000)
    carried(b"x = (\n" * 3000, b"x = [\n" * 3000, b"\\\n" * 3000)
    assert time.monotonic() - start < 30
