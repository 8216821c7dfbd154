"""A suite in pieces: what hangs or dies costs only itself, and the pieces that matter come first."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from avr.ecosystems.pypi import apart
from avr.ecosystems.pypi.apart import Pieces
from avr.model.evidence import NOT_REACHED, TestRun, TestStatus
from avr.model.source import SourceTree
from avr.tools.blobs import BlobStore


class Pytest:
    """Runs pieces that pass, save those with a problem; a group has the problem of any of its pieces."""

    def __init__(self, blobs: BlobStore, problems: Mapping[str, str]) -> None:
        self.blobs = blobs
        self.problems = problems
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, pieces: tuple[str, ...], seconds: int) -> TestRun:
        """One scripted run."""
        assert seconds > 0
        self.asked.append(pieces)
        problem = next((self.problems[each] for each in pieces if each in self.problems), "")
        return TestRun(
            command=("python",),
            results={} if problem else {f"{each}::test": TestStatus.PASSED for each in pieces},
            exit_code=None if problem == "timeout" else int(bool(problem)),
            seconds=1.0,
            log=self.blobs.put(" ".join(pieces).encode()),
            problem=problem,
        )


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    """Where logs are kept."""
    return BlobStore(tmp_path)


@pytest.mark.parametrize("problem", ["timeout", "memory", "crash: exit code 139"])
def test_a_piece_that_hangs_or_dies_costs_only_itself(blobs: BlobStore, problem: str) -> None:
    """Its group is run again piece by piece; it is named with the reason and never counted as passed."""
    pieces = tuple(f"t{number:02}" for number in range(48))
    fake = Pytest(blobs, {"t04": problem})
    found = apart.run(fake, Pieces(concerned=(), others=pieces), 600, blobs)
    rest = tuple(each for each in pieces if each != "t04")
    assert (rest, {"t04": problem}) == (found.parts, found.left_out)
    assert {f"{each}::test" for each in rest} == found.results.keys()
    assert {("t04", "t05"), ("t04",), ("t05",)} == {each for each in fake.asked if {"t04", "t05"} & {*each}}
    assert (0, "") == (found.exit_code, found.problem)


def test_logs_of_all_runs_are_kept(blobs: BlobStore) -> None:
    """The stored output is that of every run, those without results too."""
    found = apart.run(Pytest(blobs, {"b": "memory"}), Pieces(concerned=(), others=("a", "b")), 600, blobs)
    assert found.log is not None
    assert b"ab" == bytes(sorted(blobs.get(found.log)))


def test_a_concerned_piece_without_time_spoils_the_run(blobs: BlobStore) -> None:
    """A part of the suite is no evidence where it leaves out what concerns the change for want of time."""
    found = apart.run(Pytest(blobs, {}), Pieces(concerned=("a",), others=("b",)), 0, blobs)
    assert (None, "timeout", {"a": NOT_REACHED, "b": NOT_REACHED}) == (found.exit_code, found.problem, found.left_out)


def test_a_run_in_which_no_concerned_piece_ends_is_spoilt(blobs: BlobStore) -> None:
    """What has nothing to do with the change is not enough."""
    found = apart.run(Pytest(blobs, {"a": "timeout"}), Pieces(concerned=("a",), others=("b",)), 600, blobs)
    assert (None, "timeout", ("b",)) == (found.exit_code, found.problem, found.parts)


def test_too_small_a_part_of_a_suite_is_no_result(blobs: BlobStore) -> None:
    """Three of four pieces may be lost, not more."""
    others = tuple("bcdefghi")
    few = apart.run(
        Pytest(blobs, dict.fromkeys("cdefghi", "timeout")), Pieces(concerned=("a",), others=others), 9, blobs
    )
    more = apart.run(
        Pytest(blobs, dict.fromkeys("defghi", "timeout")), Pieces(concerned=("a",), others=others), 9, blobs
    )
    assert [("timeout", ("a", "b")), ("", ("a", "b", "c"))] == [(each.problem, each.parts) for each in (few, more)]


def test_nothing_that_ends_is_no_result(blobs: BlobStore) -> None:
    """A suite whose every piece hangs did not end."""
    found = apart.run(Pytest(blobs, {"a": "timeout"}), Pieces(concerned=(), others=("a",)), 600, blobs)
    assert (None, "timeout", ()) == (found.exit_code, found.problem, found.parts)


TREE = SourceTree(
    files={
        "pkg/__init__.py": b"",
        "pkg/urls/__init__.py": b"from .resolvers import get\n",
        "pkg/urls/resolvers.py": b"def get(): ...\n",
        "pkg/other.py": b"",
        "tests/test_a.py": b"from pkg import other\n",
        "tests/test_b.py": b"import pkg.urls.resolvers\n",
        "tests/test_c.py": b"from pkg.urls import get\n",
        "tests/test_d.py": b"from pkg.urls import resolvers\n",
        "tests/test_e.py": b"def test_new(): ...\n",
        "tests/app/views.py": b"from pkg.urls.resolvers import get\n",
        "tests/app/tests.py": b"",
    }
)


def test_pieces_that_name_a_changed_module_come_first() -> None:
    """By its own name or by that of a nested package that hands it on; a changed test file concerns itself."""
    pieces = tuple(f"tests/test_{each}.py" for each in "abcde")
    found = apart.order(TREE, (*pieces, "tests/app"), ("pkg/urls/resolvers.py", "tests/test_e.py"))
    assert (*pieces[1:], "tests/app") == found.concerned
    assert pieces[:1] == found.others


def test_a_change_outside_the_code_concerns_no_piece() -> None:
    """Without a changed module the order is that of the paths."""
    found = apart.order(TREE, ("tests/test_a.py", "tests/app"), ("README.rst",))
    assert Pieces(concerned=(), others=("tests/test_a.py", "tests/app")) == found
