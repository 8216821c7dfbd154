import os

import pytest

from wfpath import Outside, copy, listing, read, save


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


@pytest.mark.parametrize("name", ["../secret.txt", "a/../../secret.txt"])
def test_read_stays_inside(tmp_path, name):
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "root" / "a").mkdir(parents=True)
    with pytest.raises(Outside):
        read(str(tmp_path / "root"), name)


def test_save_stays_inside(tmp_path):
    (tmp_path / "root").mkdir()
    with pytest.raises(Outside):
        save(str(tmp_path / "root"), "../planted.txt", b"planted")
