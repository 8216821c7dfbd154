"""A small upstream with a fix, an old branch that drifted, and the maintainers' own backport on it."""

import json
import subprocess
from pathlib import Path

import pytest
from benchmarks.backport.cases import Case, load

OLD = "import os\nimport re\nimport sys\n\n\ndef check(name):\n    return name\n\n\ndef other():\n    return 1\n"
FIXED = OLD.replace("(name):\n", '(name):\n    if ".." in name:\n        raise ValueError(name)\n', 1)
DRIFT = "def before():\n    return 0\n\n\n"
TEST = "from lib import check\n"


def git(folder: Path, *arguments: str) -> str:
    """What git answers in a folder."""
    people = ["-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", folder, *people, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A folder of mirrors with one repository, and a `cases.jsonl` with one case."""
    folder = tmp_path / "mirror" / "some+lib" / "repo"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "test").mkdir()
    commits: dict[str, str] = {}
    for name, branch, code, test in (
        ("parent", "main", OLD, TEST),
        ("base", "old", DRIFT + OLD, TEST),
        ("target", "old", DRIFT + FIXED.replace("ValueError(name)", "ValueError"), TEST + "# of the backport\n"),
        ("source", "main", FIXED, TEST + "check('a')\n"),
    ):
        if name != "parent":
            git(folder, "checkout", "-q", *(["-b"] if name == "base" else []), branch)
        (folder / "lib.py").write_text(code)
        (folder / "test" / "test_lib.py").write_text(test)
        (folder / "CHANGES.md").write_text(name)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", name)
        commits[name] = git(folder, "rev-parse", "HEAD")
    row = {
        "id": "lib_1",
        "ecosystem": "pypi",
        "upstream": "some/lib",
        "base": commits["base"],
        "source_commit": commits["source"],
        "source_parent": commits["parent"],
        "target_commit": commits["target"],
        "source_code": [["M", "lib.py", "lib.py"], ["M", "CHANGES.md", "CHANGES.md"]],
        "target_code": [["M", "lib.py", "lib.py"]],
        "source_test": ["test/test_lib.py"],
        "target_test": [["M", "test/test_lib.py", "test/test_lib.py"]],
        "content_change": "no content changes",
        "in_public_202": True,
        "FAIL_TO_PASS": ["1"],
        "runs_here": {"python": None, "labels": None, "fail_to_pass": ["a:1"], "pass_to_pass_count": 1},
    }
    (tmp_path / "cases.jsonl").write_text(json.dumps(row) + "\n")
    return tmp_path / "mirror"


@pytest.fixture
def case(mirror: Path) -> Case:
    """The case."""
    (found,) = load(mirror.parent / "cases.jsonl", mirror)
    return found
