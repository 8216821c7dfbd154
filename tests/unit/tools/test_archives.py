"""Archives are read as trees or refused by name; what we pack is the same bytes every time."""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avr.errors import AvrError
from avr.model.source import SourceTree
from avr.tools.archives import Limits, pack_targz, pack_zip, unpack, write_tree

FILES = {"pkg-1/a.py": b"a = 1\n", "pkg-1/sub/b.py": b"b = 2\n"}


def tar_of(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    """A plain tar archive of the given members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
    return buffer.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A member that is no regular file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_of(*members: tuple[str, bytes, int], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of (name, content, mode) members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = mode << 16, compression
            archive.writestr(info, data)
    return buffer.getvalue()


def refused(data: bytes, limits: Limits | None = None) -> tuple[str, str]:
    """The code and the message with which an archive is refused."""
    with pytest.raises(AvrError) as error:
        unpack(data, name="evil.tar", limits=limits)
    assert error.value.hint
    return error.value.code, error.value.message


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_tar_archives_of_every_compression_are_read(pack: Callable[[bytes], bytes]) -> None:
    """The same members come out of plain, gzip, bzip2 and xz tar archives."""
    assert dict(unpack(pack(tar_of(*FILES.items()))).files) == FILES


def test_zip_archives_are_read() -> None:
    """A zip archive gives its files; folders are not files."""
    data = zip_of(*((name, data, 0o644) for name, data in FILES.items()), ("pkg-1/empty/", b"", 0o755))
    assert dict(unpack(data).files) == FILES


def test_the_top_folder_can_be_left_out() -> None:
    """`strip_top` removes the folder that all members share."""
    tree = unpack(tar_of(*FILES.items()), strip_top=True)
    assert list(tree) == ["a.py", "sub/b.py"]


def test_files_beside_each_other_have_no_top_folder() -> None:
    """Where members do not share a folder, nothing is stripped."""
    assert list(unpack(tar_of(("a", b""), ("b/c", b"")), strip_top=True)) == ["a", "b/c"]


def test_execute_bits_are_kept() -> None:
    """Executable members are known by name, in both kinds of archive."""
    info = tarfile.TarInfo("run.sh")
    info.mode = 0o755
    found = [unpack(tar_of(info)).executable, unpack(zip_of(("run.sh", b"", 0o100755))).executable]
    assert found == [{"run.sh"}, {"run.sh"}]


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", "C:/evil", "a\nb", "x" * 300])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_names_that_leave_the_archive_are_refused(name: str, kind: str) -> None:
    """Traversal, absolute, foreign and overlong names are refused, and the member is named."""
    code, message = refused(tar_of((name, b"x")) if kind == "tar" else zip_of((name, b"x", 0o644)))
    assert (code, repr(name)[:20] in message) == ("archive.path", True)


@pytest.mark.parametrize("target", ["../../outside", "/etc/passwd", "../.."])
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_that_leave_the_archive_are_refused(target: str, kind: bytes) -> None:
    """Symbolic and hard links must stay inside."""
    assert refused(tar_of(special("pkg/link", kind, target)))[0] == "archive.link"


def test_zip_links_that_leave_the_archive_are_refused() -> None:
    """A zip member can be a symbolic link too."""
    assert refused(zip_of(("pkg/link", b"../../x", stat.S_IFLNK | 0o777)))[0] == "archive.link"


def test_links_inside_become_copies() -> None:
    """A link to a file of the archive is a copy of it, through other links too; one to nothing is dropped."""
    data = tar_of(
        ("pkg/real", b"content"),
        special("pkg/sub/soft", tarfile.SYMTYPE, "../real"),
        special("pkg/hard", tarfile.LNKTYPE, "pkg/sub/soft"),
        special("pkg/dangling", tarfile.SYMTYPE, "nowhere"),
    )
    assert dict(unpack(data).files) == dict.fromkeys(["pkg/real", "pkg/sub/soft", "pkg/hard"], b"content")


def test_circular_links_are_refused() -> None:
    """Links that point at each other end in a refusal, not in a loop."""
    data = tar_of(special("a", tarfile.SYMTYPE, "b"), special("b", tarfile.SYMTYPE, "a"))
    assert refused(data)[0] == "archive.link"


def test_writing_through_a_link_is_refused() -> None:
    """A link cannot be used as a folder by a later member."""
    data = tar_of(special("dir", tarfile.SYMTYPE, "elsewhere"), ("dir/file", b"x"))
    assert refused(data)[0] == "archive.duplicate"


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_are_refused(kind: bytes) -> None:
    """Devices and pipes have no place in a source archive."""
    assert refused(tar_of(special("dev", kind)))[0] == "archive.special"


def test_two_contents_under_one_name_are_refused() -> None:
    """A later member cannot replace an earlier one."""
    assert refused(tar_of(("setup.py", b"good"), ("./setup.py", b"evil")))[0] == "archive.duplicate"


def test_the_same_member_twice_is_harmless() -> None:
    """Identical repetitions occur in real archives and change nothing."""
    assert dict(unpack(tar_of(("a", b"1"), ("a", b"1"))).files) == {"a": b"1"}


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_contents_under_one_name_are_refused_in_zip() -> None:
    """Zip archives allow duplicates; we do not."""
    assert refused(zip_of(("a", b"1", 0), ("a", b"2", 0)))[0] == "archive.duplicate"


def test_a_file_cannot_be_a_folder() -> None:
    """`a` and `a/b` exclude each other, in either order."""
    codes = [refused(tar_of(("a", b"1"), ("a/b", b"2")))[0], refused(tar_of(("a/b", b"2"), ("a", b"1")))[0]]
    assert codes == ["archive.duplicate"] * 2


@pytest.mark.parametrize("form", ["gzip", "zip"])
def test_bombs_are_refused_before_they_fill_the_memory(form: str) -> None:
    """A tiny archive of zeros is stopped by the ratio long before the total."""
    zeros = bytes(64 << 20)
    data = gzip.compress(tar_of(("zeros", zeros))) if form == "gzip" else zip_of(("zeros", zeros, 0))
    assert refused(data)[0] == "archive.bomb"


@pytest.mark.parametrize("limits", [Limits(total=100), Limits(member=10), Limits(members=1)])
@pytest.mark.parametrize("form", ["tar", "zip"])
def test_every_limit_holds(limits: Limits, form: str) -> None:
    """Total bytes, bytes of a member and number of members are bounded."""
    members = [("a", b"x" * 60), ("b", b"y" * 60)]
    data = tar_of(*members) if form == "tar" else zip_of(*((name, data, 0) for name, data in members))
    assert refused(data, limits)[0] == "archive.bomb"


@pytest.mark.parametrize("data", [b"", b"<html>not found</html>", bytes(2000)])
def test_what_is_no_archive_is_called_so(data: bytes) -> None:
    """An error page or an empty file is not an archive."""
    assert refused(data)[0] == "archive.not-archive"


@pytest.mark.parametrize(
    "data", [gzip.compress(tar_of(*FILES.items()))[:-20], zip_of(("a", b"a" * 99, 0))[:-30], b"\x1f\x8b" + bytes(50)]
)
def test_cut_archives_are_called_broken(data: bytes) -> None:
    """A truncated download is told as such."""
    assert refused(data)[0] == "archive.broken"


def test_a_missing_archive_is_told(tmp_path: Path) -> None:
    """A path that does not exist is an error with its name."""
    with pytest.raises(AvrError) as error:
        unpack(tmp_path / "none.zip")
    assert error.value.code == "archive.unreadable"


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00"]))
def test_no_bytes_bring_the_reader_down(data: bytes, head: bytes) -> None:
    """Whatever the bytes, the answer is a tree or an `AvrError`."""
    try:
        tree = unpack(head + data)
    except AvrError:
        return
    assert isinstance(tree, SourceTree)


def test_a_tree_is_written_and_read_back(tmp_path: Path) -> None:
    """Contents and execute bits reach the disk."""
    write_tree(SourceTree(files={"sub/run": b"#!", "a": b""}, executable=frozenset({"sub/run"})), tmp_path)
    assert ((tmp_path / "sub/run").read_bytes(), os.access(tmp_path / "sub/run", os.X_OK)) == (b"#!", True)


def test_a_tree_cannot_be_written_outside(tmp_path: Path) -> None:
    """Paths that leave the folder are refused even when a tree was made by other means."""
    with pytest.raises(AvrError) as error:
        write_tree(SourceTree(files={"../evil": b""}), tmp_path / "in")
    assert error.value.code == "archive.path"


def test_a_tree_is_not_written_through_links(tmp_path: Path) -> None:
    """A link that stands in the folder is not followed."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "sub").symlink_to(tmp_path / "out")
    with pytest.raises(AvrError) as error:
        write_tree(SourceTree(files={"sub/evil": b""}), tmp_path / "in")
    assert (error.value.code, list((tmp_path / "out").iterdir())) == ("archive.path", [])


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 200_001])
def test_packed_source_archives_come_back(size: int) -> None:
    """What is packed is read back by our reader, which checks the gzip sum; any size of blocks."""
    tree = SourceTree(files={"a": b"x" * size, "run": b"#!"}, executable=frozenset({"run"}))
    assert unpack(pack_targz(tree, "pkg-1", 0), strip_top=True) == tree


def test_packing_depends_on_the_content_only() -> None:
    """The order in which a tree was made does not show."""
    one, two = SourceTree(files={"a": b"1", "b": b"2"}), SourceTree(files={"b": b"2", "a": b"1"})
    assert pack_targz(one, "p", 1) == pack_targz(two, "p", 1)


def test_packed_wheels_keep_their_order() -> None:
    """Entries stay in the given order and come back."""
    data = pack_zip({"b": b"2", "a": b"1"}, 315532800)
    assert (zipfile.ZipFile(io.BytesIO(data)).namelist(), dict(unpack(data).files)) == (
        ["b", "a"], {"a": b"1", "b": b"2"},
    )  # fmt: skip
