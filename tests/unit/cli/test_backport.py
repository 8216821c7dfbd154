"""`avr backport` at the terminal, on small repositories made here."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from avr.cli.main import run
from avr.errors import ExitCode

CODE = """import os


def load(name):
    path = os.path.join("/data", name)
    with open(path) as file:
        return file.read()


def other():
    return 1
"""
FIXED = CODE.replace("(name):\n", '(name):\n    if ".." in name:\n        raise ValueError(name)\n')
TEST = "from m import load\n\n\ndef test_load():\n    assert load('a')\n"
BINARY = b"\0old" * 40


class Repo:
    """A repository with a `stable` branch that drifted and a `main` branch that gets the fixes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.commit({"m.py": CODE, "tests/test_m.py": TEST, "data.bin": BINARY, "README.md": "m\n"}, "first")
        self.git("switch", "-q", "-c", "stable")
        self.commit({"m.py": CODE.replace("import os\n", "import os\nimport sys\n")}, "drift")
        self.git("switch", "-q", "main")

    def git(self, *arguments: str) -> str:
        """Run git here and give what it prints."""
        people = {f"GIT_{who}_{what}": f"{what.lower()}@example.invalid" for who in ("AUTHOR", "COMMITTER")
                  for what in ("NAME", "EMAIL")}  # fmt: skip
        environment = {**os.environ, **people, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ALLOW_PROTOCOL": "file"}
        command = ["git", "-C", str(self.folder), "-c", "commit.gpgsign=false", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self, files: dict[str, str | bytes | None], message: str) -> str:
        """Write files (None deletes one), commit everything, give the hash."""
        for path, content in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                target.unlink()
            else:
                target.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def backport(self, *fixes: str, more: tuple[str, ...] = ()) -> int:
        """`avr backport` of commits onto `stable`."""
        named = [part for fix in fixes for part in ("--fix", fix)]
        return run(["backport", "--repo", str(self.folder), *named, "--onto", "stable", *more])


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A fresh repository."""
    return Repo(tmp_path / "repo")


@pytest.fixture
def fix(repo: Repo) -> str:
    """The hash of a commit with code, test and changelog."""
    test = TEST + "\n\ndef test_dots():\n    assert not load('..')\n"
    return repo.commit({"m.py": FIXED, "tests/test_m.py": test, "CHANGES.md": "- fixed\n"}, "Refuse dots in load")


def test_the_patch_is_printed_and_applies(repo: Repo, fix: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Standard output is a patch that `git apply` takes; the table, what was left out and the checks are beside it."""
    assert repo.backport(fix) == ExitCode.OK
    out, err = capfdbinary.readouterr()
    repo.git("switch", "-q", "stable")
    subprocess.run(["git", "-C", repo.folder, "apply", "-"], input=out, check=True)
    assert "import sys" in (repo.folder / "m.py").read_text()
    assert 'if ".." in name' in (repo.folder / "m.py").read_text()
    assert "test_dots" in (repo.folder / "tests/test_m.py").read_text()
    assert not (repo.folder / "CHANGES.md").exists()
    said = err.decode()
    assert "note[backport.left-out]" in said
    assert "checked: parses, again changes nothing, reverses, in scope" in said
    assert "complete: 2 placed" in said


def test_apply_writes_into_the_clean_work_tree(repo: Repo, fix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Contents change, nothing is staged or committed, and the mode of a file stays."""
    repo.git("switch", "-q", "stable")
    before = (repo.folder / "m.py").stat().st_mode
    assert repo.backport(fix, more=("--apply", "--no-tests")) == ExitCode.OK
    assert repo.git("status", "--porcelain").splitlines() == ["M m.py"]
    assert (repo.folder / "m.py").stat().st_mode == before
    assert "nothing staged" in capsys.readouterr().out
    assert repo.backport(fix, more=("--apply",)) == ExitCode.USAGE
    assert "error[backport.dirty]" in capsys.readouterr().err


def test_apply_needs_the_target_checked_out(repo: Repo, fix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Another commit in the work tree is not written over."""
    assert repo.backport(fix, more=("--apply",)) == ExitCode.USAGE
    assert "error[backport.not-checked-out]" in capsys.readouterr().err
    bare = repo.folder.parent / "bare"
    repo.git("clone", "-q", "--bare", str(repo.folder), str(bare))
    assert run(["backport", "--repo", str(bare), "--fix", fix, "--onto", "stable", "--apply"]) == ExitCode.USAGE
    assert "error[backport.no-work-tree]" in capsys.readouterr().err


def test_apply_runs_no_filter_and_follows_no_link(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """A filter of the repository is not started, and a file behind a link is not written."""
    outside = repo.folder.parent / "outside"
    outside.mkdir()
    commit = repo.commit({"sub/new.py": "x = 1\n", "m.py": FIXED}, "Fix with a new file")
    repo.git("switch", "-q", "stable")
    (repo.folder / "sub").symlink_to(outside)
    repo.commit({".gitattributes": "*.py filter=evil\n"}, "link")
    repo.git("config", "filter.evil.clean", f"touch {outside}/ran; cat")
    (repo.folder / "m.py").touch()
    assert repo.backport(commit, more=("--apply",)) == ExitCode.USAGE
    assert "error[backport.changed-on-disk]" in capsys.readouterr().err
    assert list(outside.iterdir()) == []


def test_an_open_hunk_is_listed_and_nothing_is_applied(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """The evidence names the hunk, the candidate site and the history between fork point and fix."""
    repo.git("switch", "-q", "stable")
    drifted = CODE.replace(
        '    path = os.path.join("/data", name)\n', "    path = locate(name, kind=3)\n    audit(path)\n"
    )
    repo.commit({"m.py": drifted}, "other way to find it")
    repo.git("switch", "-q", "main")
    repo.commit({"m.py": CODE.replace('"/data"', '"/srv/data"')}, "Move the data")
    commit = repo.commit({"m.py": CODE.replace('os.path.join("/data", name)', "safe_join(ROOT, name)")}, "Join safely")
    repo.git("switch", "-q", "stable")
    assert repo.backport(commit, more=("--apply",)) == ExitCode.FINDINGS
    said = capsys.readouterr().out
    assert "no certain place[backport.unplaced-hunk]: m.py:5" in said
    assert "might be m.py:" in said
    assert "safe_join: nowhere in the target" in said
    assert "Move the data" in said
    assert "nothing was written" in said
    assert repo.git("status", "--porcelain") == ""


def test_json_holds_everything(repo: Repo, fix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The document has hunks, remarks, conditions and the patch; nothing else is printed."""
    assert repo.backport(fix, more=("--format", "json")) == ExitCode.OK
    out, err = capsys.readouterr()
    body = json.loads(out)
    item = body["item"]
    assert (body["schema"], err) == ("avr.backport-result/1", "")
    assert (item["complete"], item["changed"]) == (True, ["m.py", "tests/test_m.py"])
    assert [(each["path"], each["status"]) for each in item["fixes"][0]["hunks"]] == [
        ("m.py", "placed"),
        ("tests/test_m.py", "placed"),
    ]
    assert [each["code"] for each in item["remarks"]] == ["backport.left-out"]
    assert all(each["holds"] for each in item["conditions"])
    assert base64.b64decode(item["patch"]).startswith(b"diff --git a/m.py b/m.py\n")


def test_stacked_fixes_and_a_second_run(repo: Repo, fix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Two commits are carried in order; made again on the result, the target holds the change already."""
    second = repo.commit({"m.py": FIXED.replace("ValueError", "LookupError")}, "Another error")
    patch = repo.folder.parent / "two.patch"
    assert repo.backport(fix, second, more=("--output", str(patch))) == ExitCode.OK
    repo.git("switch", "-q", "stable")
    repo.git("apply", str(patch))
    assert "LookupError" in (repo.folder / "m.py").read_text()
    repo.commit({}, "backported")
    assert repo.backport(second, more=("-o", str(patch))) == ExitCode.OK
    assert "the target holds the change already" in capsys.readouterr().out
    assert patch.read_bytes() == b""


def test_a_binary_test_file_travels(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """A binary file is written as git writes it, told, and `git apply` takes it there and back."""
    new = bytes(range(256)) * 3
    commit = repo.commit({"m.py": FIXED, "tests/é a.bin": new}, "Fix with data")
    patch = repo.folder.parent / "fix.patch"
    assert repo.backport(commit, more=("-o", str(patch))) == ExitCode.OK
    assert "note[backport.binary]" in capsys.readouterr().out
    repo.git("switch", "-q", "stable")
    repo.git("apply", str(patch))
    assert (repo.folder / "tests/é a.bin").read_bytes() == new
    repo.git("apply", "-R", str(patch))
    assert repo.git("status", "--porcelain") == ""


def test_a_binary_file_that_differs_is_left_alone(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """What the pin has otherwise has no place."""
    commit = repo.commit({"data.bin": b"\0new"}, "New data")
    repo.git("switch", "-q", "stable")
    repo.commit({"data.bin": b"\0own"}, "own data")
    assert repo.backport(commit, more=("--format", "json")) == ExitCode.FINDINGS
    hunk = json.loads(capsys.readouterr().out)["item"]["fixes"][0]["hunks"][0]
    assert (hunk["status"], hunk["tried"]) == ("unplaced", ["a binary file is different in the pin"])


def codes(capsys: pytest.CaptureFixture[str]) -> dict[str, bool]:
    """The remarks of the document that was printed, each with whether it blocks."""
    return {each["code"]: each["blocking"] for each in json.loads(capsys.readouterr().out)["item"]["remarks"]}


JSON = ("--format", "json")


def test_links_submodules_and_modes_are_told(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """Links and submodules are not carried and block; an execute bit is told."""
    (repo.folder / "link").symlink_to("/etc/passwd")
    (repo.folder / "m.py").chmod(0o755)
    head = repo.git("rev-parse", "HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},vendored")
    (repo.folder / "vendored").mkdir()
    commit = repo.commit({"m.py": FIXED}, "Fix and more")
    assert repo.backport(commit, more=JSON) == ExitCode.FINDINGS
    told = codes(capsys)
    assert (told["backport.symlink"], told["backport.submodule"], told["backport.mode-change"]) == (True, True, False)


def test_generated_and_minified_code_is_told(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """They block where the target has them, and only there; the rest of the fix is carried."""
    small, big = "/* @generated */\nvar a;\n", "var a=1;" * 2000
    repo.git("switch", "-q", "stable")
    repo.commit({"out.js": small}, "ship what was generated")
    repo.git("switch", "-q", "main")
    repo.commit({"out.js": small, "lib.min.js": big}, "outputs")
    commit = repo.commit({"m.py": FIXED, "out.js": small + "b;\n", "lib.min.js": big + "c"}, "Fix and build")
    assert repo.backport(commit, more=JSON) == ExitCode.FINDINGS
    assert codes(capsys) == {"backport.generated": True, "backport.minified": False}


def test_merges_and_reverts_are_told(repo: Repo, fix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A merge is what it brought; a revert is taken as the change it is."""
    repo.git("switch", "-q", "-c", "topic", "main~1")
    repo.commit({"new.py": "x = 1\n"}, "topic")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge the fix", fix)
    assert repo.backport("topic", more=JSON) == ExitCode.OK
    assert codes(capsys)["backport.merge-commit"] is False
    repo.git("switch", "-q", "main")
    repo.git("revert", "--no-edit", fix)
    assert repo.backport("main", more=JSON) == ExitCode.OK
    assert codes(capsys)["backport.revert"] is False


def test_a_mixed_commit_is_told_and_carried(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that nothing links to the message or the rest of the fix are named."""
    repo.commit({"colors.py": "PALETTE = ['red']\n"}, "colors")
    repo.git("switch", "-q", "stable")
    repo.commit({"colors.py": "PALETTE = ['red']\n"}, "colors")
    repo.git("switch", "-q", "main")
    commit = repo.commit({"m.py": FIXED, "colors.py": "PALETTE = ['green']\n"}, "Refuse dots in load")
    assert repo.backport(commit, more=JSON) == ExitCode.OK
    remarks = json.loads(capsys.readouterr().out)["item"]["remarks"]
    assert [(each["code"], each["paths"]) for each in remarks] == [("backport.mixed", ["colors.py"])]


def test_a_commit_of_the_targets_own_history_is_told(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """The first commit is in the history of both branches."""
    repo.backport("stable~1", more=JSON)
    assert "backport.in-history" in codes(capsys)


def test_renamed_and_missing_files_are_told(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """A rename upstream leaves the target's names; a file that the target never had is named."""
    text = "".join(f"def f{number}():\n    return {number}\n" for number in range(20))
    repo.commit({"only.py": text}, "a module of main")
    repo.git("mv", "m.py", "core.py")
    commit = repo.commit({"core.py": FIXED, "only.py": text.replace("return 7", "return 8")}, "Fix and rename")
    assert repo.backport(commit, more=JSON) == ExitCode.FINDINGS
    body = json.loads(capsys.readouterr().out)["item"]
    assert {each["code"] for each in body["remarks"]} >= {"backport.renamed", "backport.missing-file"}
    assert body["changed"] == ["m.py"]


def test_a_commit_without_code_is_told(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """Documentation alone is no fix to carry."""
    commit = repo.commit({"README.md": "more\n"}, "docs")
    assert repo.backport(commit, more=JSON) == ExitCode.FINDINGS
    assert codes(capsys)["backport.no-code"] is True


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fix", "nope", "--onto", "stable"], "unknown-revision"),
        (["--fix", "main", "--onto", "nope"], "unknown-revision"),
        (["--fix", "--output=x", "--onto", "stable"], "unknown-revision"),
        (["--fix", "main~1..main", "--onto", "stable"], "range"),
        (["--fix", "main"], "usage"),
        (["--fix", "main", "--onto", "stable", "--pin", "."], "usage"),
        (["--fix", "main", "--onto", "stable", "--minimum", "three"], "minimum"),
    ],
)
def test_bad_arguments_are_usage_errors(
    repo: Repo, fix: str, arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each has its code and a hint, and writes nothing."""
    del fix
    assert run(["backport", "--repo", str(repo.folder), *arguments]) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert (out, f"error[backport.{code}]" in err, "hint: " in err) == ("", True, True)


def test_an_empty_commit_and_no_repository(repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both are usage errors with codes of their own."""
    commit = repo.commit({}, "nothing")
    assert repo.backport(commit) == ExitCode.USAGE
    assert "error[backport.empty-fix]" in capsys.readouterr().err
    assert run(["backport", "--repo", str(tmp_path), "--fix", "x", "--onto", "y"]) == ExitCode.USAGE
    assert "error[backport.not-a-repository]" in capsys.readouterr().err


def test_a_shallow_clone_is_told_apart(repo: Repo, fix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A commit that was cut off, and one whose parent was, are never taken for something else."""
    shallow = repo.folder.parent / "shallow"
    repo.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{repo.folder}", str(shallow))
    where = ["backport", "--repo", str(shallow), "--onto", "origin/stable", "--fix"]
    assert run([*where, repo.git("rev-parse", "main~1")]) == ExitCode.USAGE
    assert "error[backport.shallow]" in capsys.readouterr().err
    assert run([*where, fix]) == ExitCode.USAGE
    assert "error[backport.shallow]" in capsys.readouterr().err


def test_plain_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three folders do without git; a link that differs blocks."""
    for name, text in (("before", CODE), ("after", FIXED), ("pin", CODE.replace("other", "another"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.py").write_text(text)
    folders = [part for name in ("before", "after", "pin") for part in (f"--{name}", str(tmp_path / name))]
    assert run(["backport", *folders]) == ExitCode.OK
    assert '+    if ".." in name:\n' in capsys.readouterr().out
    (tmp_path / "after" / "link").symlink_to("/etc")
    assert run(["backport", *folders]) == ExitCode.FINDINGS
    assert "needs a look[backport.symlink]" in capsys.readouterr().err
    assert run(["backport", *folders[:2], "--after", str(tmp_path / "before"), *folders[4:]]) == ExitCode.USAGE
    assert "error[backport.empty-fix]" in capsys.readouterr().err
    assert run(["backport", *folders[:4], "--pin", str(tmp_path / "nope")]) == ExitCode.USAGE
    assert "error[backport.folder]" in capsys.readouterr().err
