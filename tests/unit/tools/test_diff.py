"""Differences and unified diffs, judged by real git and patch where these are there to judge."""

import shutil
import subprocess
import time
from itertools import pairwise, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avr.errors import AvrError
from avr.model.source import SourceTree
from avr.tools.diff import Edit, apply_unified, edits, unified, unified_tree

TEXTS = st.lists(st.sampled_from([b"a\n", b"b\r\n", b"c", b"\n", b"\t d\n", b"\xff\n"]), max_size=30).map(b"".join)
CHANGES = {
    "middle": (b"a\nb\nc\nd\ne\nf\n", b"a\nb\nX\nd\ne\nf\n"),
    "no end of line before": (b"a\nb", b"a\nb\nc\n"),
    "no end of line after": (b"a\nb\n", b"a\nc"),
    "no end of line at all": (b"a\nb", b"a\nc"),
    "carriage returns": (b"a\r\nb\r\n", b"a\r\nc\r\n"),
    "two places": (b"".join(b"%d\n" % i for i in range(40)), b"".join(b"%d\n" % i for i in range(40) if i % 19)),
    "new": (None, b"a\nb\n"),
    "new and empty": (None, b""),
    "deleted": (b"a\nb\n", None),
    "emptied": (b"a\n", b""),
    "latin-1": (b"\xe9\n", b"\xe8\n"),
    "looks like headers": (b"-- a\n++ b\nx\n", b"-- c\n++ d\nx\n"),
}
PATHS = ["pkg/mod.py", "a dir/file name.txt", 'quo"te.txt', "umläut.txt"]


def applied(found: tuple[Edit, ...], old: list[int], new: list[int]) -> list[int]:
    out, at = [], 0
    for each in found:
        out += old[at : each.a0] + new[each.b0 : each.b1]
        at = each.a1
    return out + old[at:]


@given(st.lists(st.integers(0, 5), max_size=60), st.lists(st.integers(0, 5), max_size=60))
def test_edits_turn_old_into_new(old: list[int], new: list[int]) -> None:
    """Applying the edits gives the new sequence, and no two edits touch."""
    found = edits(old, new)
    assert applied(found, old, new) == new
    assert all(one.a1 < two.a0 and one.b1 < two.b0 for one, two in pairwise(found))


def test_an_insertion_slides_to_the_end() -> None:
    """Of several places where an insertion could stand, the last one is taken."""
    assert edits("abab", "ababab") == (Edit(4, 4, 4, 6),)


def test_hostile_input_is_bounded() -> None:
    """Long sequences with nothing unique in common are compared in seconds."""
    start = time.monotonic()
    edits([i % 7 for i in range(20000)], [i * i % 11 % 7 for i in range(20000)])
    assert time.monotonic() - start < 10


@given(TEXTS, TEXTS)
def test_a_patch_applies_to_what_it_was_made_from(before: bytes, after: bytes) -> None:
    """The applier reads what the writer wrote, whatever the line ends, forwards and backwards."""
    tree = SourceTree(files={"x": before})
    if before != after:
        patched = apply_unified(tree, unified(before, after, "x", "x"))
        assert patched.get("x") == after
        assert apply_unified(patched, unified(after, before, "x", "x")).get("x") == before


GNU_PATCH_CANNOT = ("patch", "a dir/file name.txt", "new and empty")  # it splits the only line with the name at spaces
JUDGED = [each for each in product(["git", "patch"], PATHS, CHANGES) if each != GNU_PATCH_CANNOT]


@pytest.mark.parametrize(("tool", "path", "name"), JUDGED)
def test_git_and_patch_read_our_diffs(tmp_path: Path, tool: str, path: str, name: str) -> None:
    """`git apply` and `patch -p1` reproduce the new content byte for byte."""
    before, after = CHANGES[name]
    if shutil.which(tool) is None:
        pytest.fail(f"{tool} is needed: apt-get install {tool}")
    target = tmp_path / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if before is not None:
        target.write_bytes(before)
    (tmp_path / "p.diff").write_bytes(unified(before, after, path, path))
    command = ["git", "apply", "p.diff"] if tool == "git" else ["patch", "-p1", "--binary", "-s", "-i", "p.diff"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=30)
    assert (target.read_bytes() if target.exists() else None) == after


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", CHANGES)
def test_our_applier_reads_our_diffs(path: str, name: str) -> None:
    """New, deleted and changed files arrive whatever their names."""
    before, after = CHANGES[name]
    tree = SourceTree(files={} if before is None else {path: before})
    assert apply_unified(tree, unified(before, after, path, path)).get(path) == after


def test_our_applier_reads_gits_diffs(tmp_path: Path) -> None:
    """A patch written by git itself, with a rename and a header in front, applies."""
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    lines = b"".join(b"line %d\n" % i for i in range(30))
    (tmp_path / "old" / "m.py").write_bytes(lines)
    (tmp_path / "new" / "m.py").write_bytes(lines.replace(b"line 7\n", b"line seven\n"))
    shown = subprocess.run(
        ["git", "diff", "--no-index", "--no-prefix", "--src-prefix=a/", "--dst-prefix=b/", "old/m.py", "new/m.py"],
        cwd=tmp_path,
        capture_output=True,
        timeout=30,
        check=False,
    ).stdout
    result = apply_unified(SourceTree(files={"old/m.py": lines}), b"Origin: upstream\n\n" + shown)
    assert dict(result.files) == {"new/m.py": lines.replace(b"line 7\n", b"line seven\n")}


def test_a_tree_patch_covers_all_files() -> None:
    """The difference of two trees is one patch that leads from one to the other."""
    before = SourceTree(files={"a": b"1\n", "b": b"2\n", "c": b"3\n"})
    after = SourceTree(files={"a": b"1\n", "b": b"two\n", "d": b"4\n"})
    assert apply_unified(before, unified_tree(before, after)) == after


def test_binary_content_is_refused() -> None:
    """A unified diff cannot carry NUL bytes."""
    with pytest.raises(AvrError, match="binary") as caught:
        unified(b"a\0", b"b\0", "x", "x")
    assert caught.value.code == "patch.binary"


GOOD = unified(b"a\nb\nc\n", b"a\nX\nc\n", "f", "f")


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        (b"", "patch.malformed"),
        (b"no patch at all\n", "patch.malformed"),
        (GOOD.replace(b"-b\n", b"-q\n"), "patch.mismatch"),
        (GOOD.replace(b" a\n", b" z\n"), "patch.mismatch"),
        (GOOD.replace(b"-1,3", b"-2,3"), "patch.mismatch"),
        (GOOD.replace(b"+1,3", b"+1,4"), "patch.malformed"),
        (GOOD[:-3], "patch.malformed"),
        (GOOD.replace(b"/f\n", b"/g\n"), "patch.mismatch"),
        (GOOD.replace(b"/f", b"/../f"), "patch.malformed"),
        (GOOD.replace(b"@@ -", b"@@ x"), "patch.malformed"),
        (GOOD + b"trailing\n", "patch.malformed"),
        (unified(None, b"new\n", "f", "f"), "patch.mismatch"),
        (unified(b"a\n", None, "f", "f"), "patch.mismatch"),
    ],
)
def test_what_does_not_fit_is_refused(patch: bytes, code: str) -> None:
    """Damaged, misplaced and hostile patches end in an error with a code, never in a changed tree."""
    with pytest.raises(AvrError) as caught:
        apply_unified(SourceTree(files={"f": b"a\nb\nc\n"}), patch)
    assert caught.value.code == code


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_no_bytes_crash_the_applier(noise: bytes) -> None:
    """Arbitrary bytes give a tree or an `AvrError`."""
    for patch in (noise, b"diff --git a/f b/f\n" + noise, GOOD[:60] + noise):
        try:
            apply_unified(SourceTree(files={"f": b"a\nb\nc\n"}), patch)
        except AvrError as error:
            assert error.code.startswith("patch.")  # noqa: PT017 - either way is fine, but only these two
