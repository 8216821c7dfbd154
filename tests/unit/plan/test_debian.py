"""Debian's series of patches: reading and applying."""

import pytest

from avr.model.source import SourceTree
from avr.stages.plan.quilt import applied, parse, series

_OLD = b"a\nb\nc\nd\ne\nf\n"
_PATCH = (
    b"Description: stop it\nOrigin: upstream, https://example.invalid/1\nBug-CVE: CVE-2000-1\n\n"
    b"Index: x/pkg/a.py\n--- x.orig/pkg/a.py\n+++ x/pkg/a.py\n@@ -2,3 +2,3 @@\n b\n-c\n+C\n d\n"
)


def _apply(old: bytes, patch: bytes) -> bytes | None:
    tree = applied(SourceTree(files={"pkg/a.py": old}), parse("p", patch))
    return tree.get("pkg/a.py") if tree is not None else None


def test_a_header_is_read() -> None:
    """DEP-3 fields by lower-case name."""
    assert parse("p", _PATCH).header["origin"] == "upstream, https://example.invalid/1"


def test_a_patch_applies_at_its_line_and_at_an_offset() -> None:
    """Line numbers may be off, context may not."""
    assert _apply(_OLD, _PATCH) == b"a\nb\nC\nd\ne\nf\n"
    assert _apply(b"0\n0\n" + _OLD, _PATCH) == b"0\n0\na\nb\nC\nd\ne\nf\n"


@pytest.mark.parametrize("old", [b"a\nB\nc\nd\n", b"", b"b\nc\nd\nb\nc\nd\n"[:6] + b"x\n" + b"a\n"[:0]])
def test_context_that_differs_is_never_fuzzed(old: bytes) -> None:
    """One line of context that differs refuses the whole patch."""
    expected = b"b\nC\nd\nx\n" if old.startswith(b"b\nc\nd") else None
    assert _apply(old, _PATCH) == expected


def test_two_equally_near_places_are_refused() -> None:
    """There is no telling which one is meant."""
    assert (
        _apply(b"b\nc\nd\n" + b"b\nc\nd\n"[:0] + b"b\nc\nd\n", _PATCH.replace(b"-2,3 +2,3", b"-2,3 +2,3")) is not None
    )
    assert _apply(b"b\nc\nd\nx\nb\nc\nd\n", _PATCH.replace(b"-2,3 +2,3", b"-3,3 +3,3")) is None


def test_new_and_deleted_files() -> None:
    """/dev/null stands for the side without the file."""
    new = parse("p", b"--- /dev/null\n+++ b/pkg/new.py\n@@ -0,0 +1,2 @@\n+x\n+y\n")
    gone = parse("p", b"--- a/pkg/a.py\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n")
    tree = SourceTree(files={"pkg/a.py": b"a\n"})
    made, left = applied(tree, new), applied(tree, gone)
    assert made is not None
    assert made.get("pkg/new.py") == b"x\ny\n"
    assert left is not None
    assert "pkg/a.py" not in left


@pytest.mark.parametrize("path", ["a/../../etc/passwd", "/etc/passwd", "passwd"])
def test_a_path_out_of_the_tree_is_refused(path: str) -> None:
    """Patches are hostile input."""
    text = f"--- {path}\n+++ {path}\n@@ -0,0 +1 @@\n+x\n".encode()
    assert applied(SourceTree(files={}), parse("p", text)) is None


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"@@ -1 +1 @@\n+x\n", b"--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n x\n"])
def test_broken_patches_never_crash(data: bytes) -> None:
    """Whatever it is, it is read as far as it goes."""
    applied(SourceTree(files={"x": b"y\n"}), parse("p", data))


def test_the_series_names_the_patches_in_order() -> None:
    """Comments and missing patches are passed over."""
    tree = SourceTree(
        files={
            "debian/patches/series": b"# first\ntwo.patch\none.patch -p1\nmissing.patch\n",
            "debian/patches/one.patch": _PATCH,
            "debian/patches/two.patch": _PATCH,
        }
    )
    assert [patch.name for patch in series(tree)] == ["two.patch", "one.patch -p1"]
