"""The backport cases: folders with a file before and after the fix, in the pin, and as it is expected to become."""

import json
from pathlib import Path
from typing import Any

import pytest

from avr.model.backport import Backport, HunkStatus
from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.stages.patch import backport
from avr.tools.diff import apply_unified, unified_tree

CASES = Path(__file__).parents[2] / "cases" / "backport"
EXPECTED = "expected.json"
ID = AdvisoryId("CVE-0000-0001")


def folders(kind: str) -> list[Any]:
    return [pytest.param(each, id=each.name) for each in sorted((CASES / kind).iterdir())]


def tree(folder: Path) -> SourceTree:
    files = (each for each in folder.rglob("*") if each.is_file() and each.name != ".keep")
    return SourceTree(files={each.relative_to(folder).as_posix(): each.read_bytes() for each in files})


def kind(path: str) -> ChangeKind:
    if path.startswith("tests/"):
        return ChangeKind.TEST
    if path.startswith("docs/"):
        return ChangeKind.DOCS
    return ChangeKind.BUILD if path == "setup.py" else ChangeKind.CODE


def fix(before: SourceTree, after: SourceTree) -> Fix:
    paths = sorted(path for path in before.files.keys() | after.files.keys() if before.get(path) != after.get(path))
    changes = (
        FileChange(
            path_before=path if path in before else None,
            path_after=path if path in after else None,
            before=before.get(path),
            after=after.get(path),
            kind=kind(path),
        )
        for path in paths
    )
    return Fix(advisory=ID, route=FixRoute.COMMIT, files=tuple(changes), confidence=1.0, reasons=())


def ported(case: Path, onto: SourceTree | None = None, tests: SourceTree | None = None) -> Backport:
    pin = onto or tree(case / "pin")
    before = tree(case / "before")
    minimum = json.loads((case / EXPECTED).read_text()).get("minimum")
    step = (ID, fix(before, tree(case / "after")))
    return backport(pin, [step], tests or pin, upstream=before, minimum=tuple(minimum) if minimum else None)


def result(done: Backport) -> dict[str, bytes]:
    return dict(done.patched.replacing(done.security_tests).files)


def described(done: Backport) -> list[str]:
    return [f"{hunk.rung or ''} {hunk.status}".strip() for hunk in done.ported[0].hunks]


@pytest.mark.parametrize("case", folders("working"))
def test_a_working_case_gives_what_is_expected(case: Path) -> None:
    """The tree, the status of every hunk and the completeness are the ones that the case states."""
    expected = json.loads((case / "expected.json").read_text())
    done = ported(case)
    assert result(done) == dict(tree(case / "expected").files)
    assert described(done) == expected["hunks"]
    assert done.ported[0].complete == expected["complete"]


@pytest.mark.parametrize("case", folders("working"))
def test_a_fix_made_twice_is_present_the_second_time(case: Path) -> None:
    """On its own result every hunk that was placed is present, and nothing changes."""
    done = ported(case)
    again = ported(case, done.patched, done.patched.replacing(done.security_tests))
    open_ = {HunkStatus.UNPLACED, HunkStatus.UNNEEDED}
    refused = {(each.path, each.start) for each in done.ported[0].hunks if each.status in open_}
    now = {each.status for each in again.ported[0].hunks if (each.path, each.start) not in refused}
    assert now <= {HunkStatus.PRESENT}
    assert again.changed_paths == ()


@pytest.mark.parametrize("case", folders("working"))
def test_the_delivered_patch_leads_there_and_back(case: Path) -> None:
    """The unified diff of pin and result applies to the pin, and its reverse gives the pin's bytes back."""
    done = ported(case)
    if done.changed_paths:
        assert apply_unified(done.pinned, unified_tree(done.pinned, done.patched)) == done.patched
        assert apply_unified(done.patched, unified_tree(done.patched, done.pinned)) == done.pinned


@pytest.mark.parametrize("case", folders("failing"))
def test_a_failing_case_still_fails(case: Path) -> None:
    """What the engine cannot do yet; a case that starts to pass belongs in `working`: move it there."""
    done = ported(case)
    assert result(done) != dict(tree(case / "expected").files), f"promote {case.name!r} to working/"
