import os

from wfpath import copy, listing, read, save


def test_read(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a")
    assert read(str(tmp_path), "a.txt") == b"a"


def test_save_makes_folders(tmp_path):
    save(str(tmp_path), "x/y.txt", b"y")
    assert (tmp_path / "x" / "y.txt").read_bytes() == b"y"


def test_save_tells_where(tmp_path):
    assert os.path.basename(save(str(tmp_path), "z.txt", b"z")) == "z.txt"


def test_listing(tmp_path):
    (tmp_path / "b").write_bytes(b"")
    (tmp_path / "a").write_bytes(b"")
    assert listing(str(tmp_path)) == ["a", "b"]


def test_copy(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a")
    copy(str(tmp_path), "a.txt", "b.txt")
    assert (tmp_path / "b.txt").read_bytes() == b"a"
