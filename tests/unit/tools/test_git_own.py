"""Repositories that somebody names: revisions, lazy trees, and readers that end."""

import subprocess
from pathlib import Path

import pytest

from avr.errors import AvrError, UsageError
from avr.model.source import LazyFiles
from avr.tools.git import Repository
from avr.tools.git_blobs import BlobReader
from avr.tools.git_own import Entry, entries, history, lazy_tree, look_up, open_repository, work_tree


def _git(folder: Path, *arguments: str) -> str:
    people = ["-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", folder, *people, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A work tree with two commits, a program, a link and a file with an odd name."""
    folder = tmp_path / "own"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    (folder / "a.py").write_text("one\ntwo\nthree\n")
    (folder / "run").write_text("x")
    (folder / "run").chmod(0o755)
    (folder / "ä b").write_bytes(b"\xff\0")
    (folder / "link").symlink_to("a.py")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "first")
    (folder / "a.py").write_text("one\n2\nthree\n")
    _git(folder, "commit", "-q", "-am", "second")
    return folder


def test_a_lazy_tree_reads_one_file_at_a_time(folder: Path) -> None:
    """Contents, execute bits and odd names come as they are; links are left out; a reader may be used again."""
    repository = open_repository(folder)
    with BlobReader(repository, keep=3) as reader:
        tree = lazy_tree(repository, look_up(repository, "main"), reader)
        assert isinstance(tree.files, LazyFiles)
        assert (list(tree), tree.executable) == (["a.py", "run", "ä b"], frozenset({"run"}))
        assert [tree.get(path) for path in ("ä b", "a.py", "ä b")] == [b"\xff\0", b"one\n2\nthree\n", b"\xff\0"]
        assert tree == repository.tree("main")


def test_a_reader_refuses_what_is_not_there(folder: Path) -> None:
    """A missing object is an error with a code, and the reader goes on."""
    repository = open_repository(folder)
    with BlobReader(repository) as reader:
        with pytest.raises(AvrError) as caught:
            reader.read("0" * 40)
        assert caught.value.code == "git.missing-object"
        assert reader.read(_git(folder, "rev-parse", "HEAD:run")) == b"x"


def test_a_reader_says_that_a_repository_is_broken(tmp_path: Path) -> None:
    """A git that ends at once is no endless wait."""
    with BlobReader(Repository(directory=tmp_path, name="x", url="")) as reader, pytest.raises(AvrError) as caught:
        reader.read("0" * 40)
    assert caught.value.code == "git.failed"


@pytest.mark.parametrize("name", ["main", "main~1", "HEAD^", "@", "main^{tree}^{commit}"])
def test_revisions_are_those_that_people_write(folder: Path, name: str) -> None:
    """Branches, parents and short forms are found; what names no commit is a usage error."""
    repository = open_repository(folder)
    if "tree" in name:
        with pytest.raises(UsageError):
            look_up(repository, name)
    else:
        assert look_up(repository, name) == _git(folder, "rev-parse", name)


def test_what_differs_is_listed_with_its_modes(folder: Path) -> None:
    """Also against the empty tree of a first commit."""
    repository = open_repository(folder / ".git")
    first, last = look_up(repository, "main~1"), look_up(repository, "main")
    assert entries(repository, first, last) == (Entry(path="a.py", mode_before="100644", mode_after="100644"),)
    assert {each.path: each.mode_after for each in entries(repository, None, first)} == {
        "a.py": "100644",
        "link": "120000",
        "run": "100755",
        "ä b": "100644",
    }


def test_the_history_of_lines(folder: Path) -> None:
    """The commits of a range that changed given lines, newest first."""
    repository = open_repository(folder)
    found = history(repository, "main", "a.py", 2, 2, 5)
    assert [line.split(" ", 2)[2] for line in found] == ["second", "first"]
    assert [line.split(" ", 2)[2] for line in history(repository, "main", "a.py", 3, 3, 5)] == ["first"]


def test_a_work_tree_is_found_from_below(folder: Path) -> None:
    """A bare repository has none."""
    (folder / "deep").mkdir()
    assert work_tree(folder / "deep") == folder
    bare = folder.parent / "bare"
    _git(folder, "clone", "-q", "--bare", str(folder), str(bare))
    assert work_tree(bare) is None
