"""The plan of one component, from git and from the registry alone."""

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avr.ecosystems.interface import Pin, RegistryFile, RegistryRelease
from avr.errors import AvrError
from avr.model.advisory import Advisory, Reference, ReferenceType
from avr.model.component import Component
from avr.model.finding import Finding
from avr.model.fix import FixRoute
from avr.model.identifiers import AdvisoryId, EcosystemName
from avr.model.plan import Plan, Strategy
from avr.model.source import SourceTree
from avr.stages.plan.gather import Sources, plan, upstream_tests
from avr.tools.git_mirror import Git

_OLD = "def parse_header(line):\n    return line.split(':')\n\n\ndef rest():\n    return 1\n"
_NEW = _OLD.replace("line.split(':')", "line.partition(':')")
_COMPONENT = Component(ecosystem=EcosystemName.PYPI, name="thing", version="1.0")


class _Registry:
    """Releases 1.0 and 1.1, nothing to download."""

    def releases(self, package: str) -> Sequence[RegistryRelease]:
        if package != "thing":
            raise AvrError("registry.unknown-package", f"no package {package!r}")
        return [RegistryRelease(version=version, files=()) for version in ("1.0", "1.1", "2.0")]

    def download(self, file: RegistryFile) -> Path:
        raise AssertionError(file)


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, "-C", folder, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _commit(folder: Path, files: dict[str, str], message: str) -> str:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", message)
    return _git(folder, "rev-parse", "HEAD")


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A project with release 1.0, a fix on the main branch and its backport in 1.1."""
    folder = tmp_path / "mirror" / "owner+thing"
    folder.mkdir(parents=True)
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder, {"thing/a.py": _OLD, "tests/test_a.py": "old\n"}, "start")
    _git(folder, "tag", "v1.0")
    _commit(folder, {"thing/b.py": "x = 1\n"}, "more")
    _commit(folder, {"thing/a.py": _NEW, "tests/test_a.py": "new\n"}, "Split no more (#5)")
    _git(folder, "tag", "v2.0")
    _git(folder, "checkout", "-q", "-b", "1.x", "v1.0")
    _commit(folder, {"thing/a.py": _NEW}, "Split no more\n\nBackport for 1.x")
    _git(folder, "tag", "v1.1")
    return folder


def _finding(*urls: str, fixed: tuple[str, ...] = ("1.1", "2.0"), name: str = "CVE-2000-1") -> Finding:
    references = tuple(Reference(type=ReferenceType.FIX, url=url) for url in urls)
    advisory = Advisory(id=AdvisoryId(name), modified=datetime(2000, 1, 1, tzinfo=UTC), references=references)
    return Finding(component=_COMPONENT, advisory=advisory, why="test", fixed_in=fixed)


def _plan(finding: Finding | list[Finding], tree: dict[str, str], mirror: Path | None) -> Plan:
    files = SourceTree(files={path: text.encode() for path, text in tree.items()})
    pin = Pin(component=_COMPONENT, tree=files, sdist=None, wheel=None, released=None)
    later = files.replacing({"thing/a.py": _NEW.encode()})
    git = Git(mirror=str(mirror), cache=mirror) if mirror else None
    findings = finding if isinstance(finding, list) else [finding]
    return plan(pin, findings, _Registry(), lambda v: files if v == "1.0" else later, Sources(git=git))


def test_the_maintainers_backport_comes_first(upstream: Path) -> None:
    """Of the pull request on the main branch and its twin in the pin's next release the latter is better."""
    finding = _finding("https://github.com/owner/thing/pull/5")
    step = _plan(finding, {"thing/a.py": _OLD}, upstream.parent).steps[0]
    assert step.strategy == Strategy.BACKPORT
    assert [fix.route for fix in step.candidates] == [FixRoute.BRANCH_BACKPORT, FixRoute.COMMIT]
    assert "difference of 1.0 and 1.1" in step.candidates[0].reasons  # the same change, found twice
    assert step.candidates[0].commits == (_git(upstream, "rev-parse", "v1.1"),)


def test_a_pin_that_has_the_fix_is_told(upstream: Path) -> None:
    """The lines are there: already fixed, whatever the range says."""
    commit = _git(upstream, "rev-parse", "v2.0")
    finding = _finding(f"https://github.com/owner/thing/commit/{commit}")
    step = _plan(finding, {"thing/a.py": _NEW}, upstream.parent).steps[0]
    assert step.strategy == Strategy.ALREADY_FIXED
    assert step.presence is not None
    assert step.presence.added_found == step.presence.added_total


def test_the_registry_alone_gives_the_difference() -> None:
    """Without git the releases are compared."""
    step = _plan(_finding(), {"thing/a.py": _OLD}, None).steps[0]
    assert [fix.route for fix in step.candidates] == [FixRoute.RELEASE_DIFF]
    assert "upstream git is switched off" in step.reasons


def test_no_fix_is_a_step_with_reasons(upstream: Path) -> None:
    """Another project's commit, a malformed hash and no fixed release leave nothing."""
    (upstream.parent / "owner+other").mkdir()
    _git(upstream.parent / "owner+other", "init", "-q", "-b", "main")
    other = _commit(upstream.parent / "owner+other", {"a.py": "x = 1\n"}, "one")
    finding = _finding(
        f"https://github.com/owner/other/commit/{other}", "https://github.com/owner/thing/commit/xyz", fixed=()
    )
    step = _plan(finding, {"thing/a.py": _OLD}, upstream.parent).steps[0]
    assert step.strategy == Strategy.NO_FIX_KNOWN
    assert "owner/other is not the project of 'thing'" in step.reasons
    assert "'xyz' is no commit hash" in step.reasons


def test_the_oldest_fix_is_stacked_first(upstream: Path) -> None:
    """Steps are ordered by the release that fixed them, whatever the order of the findings."""
    findings = [_finding(fixed=("2.0",), name="CVE-2000-2"), _finding(fixed=("1.1",), name="CVE-2000-1")]
    steps = _plan(findings, {"thing/a.py": _OLD}, upstream.parent).steps
    assert [step.finding.id for step in steps] == ["CVE-2000-1", "CVE-2000-2"]


def test_the_tree_of_the_pinned_tag_gives_tests(upstream: Path) -> None:
    """For releases whose archive carries none."""
    git = Git(mirror=str(upstream.parent), cache=upstream)
    tree = upstream_tests(_COMPONENT, [_finding("https://github.com/owner/thing/pull/5")], git)
    assert tree is not None
    assert tree.get("tests/test_a.py") == b"old\n"
    assert upstream_tests(_COMPONENT, [_finding()], git) is None
    assert upstream_tests(_COMPONENT, [_finding()], None) is None
