"""Upstream git: mirrors, reading, and hostile repositories."""

import os
import subprocess
from pathlib import Path

import pytest

from avr.errors import AvrError
from avr.tools.git import Repository, merged
from avr.tools.git_mirror import Git
from avr.tools.git_process import run


def _git(folder: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (
            ("NAME", "A"), ("EMAIL", "a@example.invalid"), ("DATE", "2020-01-01T00:00:00Z"))},
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-C", folder, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _commit(folder: Path, files: dict[str, str | None], message: str) -> str:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            target.unlink()
        else:
            target.write_text(text)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", message)
    return _git(folder, "rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with two commits, a tag and a link, at `owner+name` of a mirror folder."""
    folder = tmp_path / "mirror" / "Owner+name"
    folder.mkdir(parents=True)
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder, {"pkg/a.py": "one\ntwo\nthree\nfour\nfive\n", "pkg/b.py": "x\n"}, "first")
    _git(folder, "tag", "-a", "v1.0", "-m", "one")
    (folder / "link").symlink_to("/etc/passwd")
    _commit(folder, {"pkg/a.py": None, "pkg/c.py": "one\ntwo\nthree\nfour\nfive\nsix\n"}, "Fix #7\n\ncloses CVE-2000-1")
    return folder


def _open(clone: Path) -> Repository:
    return Git(mirror=str(clone.parent), cache=clone.parent.parent / "cache").repository(
        "https://github.com/owner/name"
    )


@pytest.mark.parametrize(
    "layout", ["owner+name", "owner+name/repo", "owner/name.git", "owner/name", "name", "other+name", "owner+renamed"]
)
def test_every_layout_of_a_mirror_is_found(clone: Path, tmp_path: Path, layout: str) -> None:
    """Bare or not, under the owner, or alone under the name or the owner where that is the only one."""
    target = tmp_path / "second" / layout
    target.parent.mkdir(parents=True)
    clone.rename(target)
    found = Git(mirror=str(tmp_path / "second"), cache=tmp_path).repository("https://github.com/Owner/Name.git")
    assert found.directory == target / ".git"
    assert found.resolve("v1.0") is not None


def test_two_projects_of_one_name_are_not_confused(clone: Path) -> None:
    """A name alone decides only where exactly one mirror has it."""
    for owner in ("a", "b"):
        _git(clone.parent, "init", "-q", "--bare", f"{owner}+thing")
    with pytest.raises(AvrError) as caught:
        Git(mirror=str(clone.parent), cache=clone).repository("https://github.com/c/thing")
    assert caught.value.code == "git.not-in-mirror"


@pytest.mark.parametrize("url", ["", "--upload-pack=x", "ext::sh -c true", "https://github.com/only", "file:///etc"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    """Nothing but host, owner and name is ever handed to git."""
    with pytest.raises(AvrError) as caught:
        Git(mirror=None, cache=tmp_path).repository(url)
    assert caught.value.code == "git.address"


def test_an_unreachable_host_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """The planner makes a reason of it."""
    with pytest.raises(AvrError) as caught:
        Git(mirror=None, cache=tmp_path, seconds=20).repository("https://nowhere.invalid/owner/name")
    assert caught.value.code == "git.unreachable"
    assert [path.name for path in (tmp_path / "git").iterdir()] == ["nowhere.invalid+owner+name.lock"]


def test_a_rewritten_address_is_cloned_without_contents_and_fetches_them_when_asked(
    clone: Path, tmp_path: Path
) -> None:
    """A URL prefix stands for the public hosts; the second question is answered from the cache."""
    served = tmp_path / "served" / "owner"
    served.mkdir(parents=True)
    _git(tmp_path, "clone", "-q", "--bare", str(clone), str(served / "name"))
    for key in ("allowFilter", "allowAnySHA1InWant"):
        _git(served / "name", "config", f"uploadpack.{key}", "true")
    git = Git(mirror=f"file://{tmp_path}/served", cache=tmp_path / "cache")
    assert git.repository("https://github.com/owner/name").tree("v1.0").files["pkg/b.py"] == b"x\n"
    assert git.repository("https://github.com/owner/name").tree("HEAD").files["pkg/b.py"] == b"x\n"


def test_a_tree_holds_regular_files_only(clone: Path) -> None:
    """Links are left out."""
    assert set(_open(clone).tree("HEAD").files) == {"pkg/b.py", "pkg/c.py"}


def test_a_commit_tells_its_files_with_renames(clone: Path) -> None:
    """A renamed file is one change with both paths."""
    repository = _open(clone)
    commit = repository.commit("HEAD")
    assert (commit.subject, commit.author) == ("Fix #7", "A <a@example.invalid>")
    changes = repository.changes(commit.parents[0], commit.id)
    assert [(each.path_before, each.path_after) for each in changes] == [("pkg/a.py", "pkg/c.py")]
    assert set(repository.touched(["v1.0..HEAD"])[commit.id]) == {"link", "pkg/a.py", "pkg/c.py"}


def test_the_log_is_searched_for_words_not_patterns(clone: Path) -> None:
    """An id of an advisory is no regular expression."""
    repository = _open(clone)
    assert [each.subject for each in repository.log(["--branches"], grep=["cve-2000-1"])] == ["Fix #7"]
    assert repository.log(["--branches"], grep=["CVE.2000"]) == ()


@pytest.mark.parametrize("revision", ["f" * 40, "nope", "--all", "HEAD..HEAD", "HEAD:pkg", "", "a\nb"])
def test_what_names_no_commit_is_none(clone: Path, revision: str) -> None:
    """Unknown, malformed and option-like revisions are all just unknown."""
    assert _open(clone).resolve(revision) is None


def test_ancestry_and_tags(clone: Path) -> None:
    """Annotated tags stand for their commit."""
    repository = _open(clone)
    assert repository.tags() == {"v1.0": repository.resolve("v1.0")}
    assert repository.is_ancestor("v1.0", "HEAD")
    assert not repository.is_ancestor("HEAD", "v1.0")
    assert repository.merge_base("HEAD", "v1.0") == repository.resolve("v1.0")


def test_a_missing_content_is_told(clone: Path) -> None:
    """Mirrors may lack objects."""
    with pytest.raises(AvrError) as caught:
        _open(clone).blobs(["f" * 40])
    assert caught.value.code == "git.missing-object"


def test_configuration_of_a_hostile_repository_runs_nothing(clone: Path, tmp_path: Path) -> None:
    """Hooks, file-system monitors, external diffs and pagers of the repository stay unused."""
    mark = tmp_path / "ran"
    for key in ("core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "gpg.program"):
        _git(clone, "config", key, f"touch {mark}")
    _git(clone, "config", "log.showSignature", "true")
    repository = _open(clone)
    repository.changes(repository.commit("HEAD").parents[0], "HEAD")
    repository.tree("HEAD")
    repository.log(["HEAD"])
    assert not mark.exists()


def test_output_and_time_are_bounded(clone: Path) -> None:
    """A repository cannot fill the memory."""
    with pytest.raises(AvrError) as caught:
        run([f"--git-dir={clone}/.git", "log", "-p"], limit=10)
    assert caught.value.code == "git.too-big"


def test_nothing_is_written_into_a_mirror(clone: Path) -> None:
    """Reading leaves every file as it was."""
    before = {path: path.stat().st_mtime_ns for path in clone.rglob("*")}
    repository = _open(clone)
    repository.tree("HEAD")
    repository.log(["--branches"])
    assert {path: path.stat().st_mtime_ns for path in clone.rglob("*")} == before


def test_merging_a_file() -> None:
    """Changes of both sides are taken; a conflict is None."""
    base = b"a\nb\nc\nd\ne\n"
    assert merged(b"A\nb\nc\nd\ne\n", base, b"a\nb\nc\nd\nE\n") == b"A\nb\nc\nd\nE\n"
    assert merged(b"X\nb\nc\nd\ne\n", base, b"Y\nb\nc\nd\ne\n") is None
