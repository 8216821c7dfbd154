"""Removals and mutants in front of a bench that looks at the source."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace

import pytest

from avr.ecosystems.interface import TestRequest
from avr.model.evidence import Evidence, TestRun, Verdict
from avr.model.source import SourceTree
from avr.stages.validate.necessity import act
from avr.stages.validate.necessity.act import Bounds, Exam, necessity
from avr.testing import build
from avr.testing.tiny import Unequipped

OLD = "def read(path):\n    return open(path)\n\n\ndef write(path):\n    return open(path, 'w')\n"
CHECK = "    if '..' in path:\n        raise ValueError(path)\n"
NEW = OLD.replace("(path):\n", f"(path):\n{CHECK}")
TEST = "tests.test_a::test_refuses"
EXAM = Exam(paths=("tests/test_a.py",), tests={"tests/test_a.py": b""}, turned_green=(TEST,), exploits=())


class Bench(Unequipped):
    """Green where `green` says so of the source."""

    facts: Mapping[str, str] = {}
    problem: str | None = None

    def __init__(self, green: Callable[[str], bool]) -> None:
        self._green = green
        self.runs = 0

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """Look at the source."""
        assert (EXAM.tests, EXAM.paths) == (tests, request.paths)
        self.runs += 1
        green = self._green(tree.files["a.py"].decode())
        return build.run(passed=[TEST]) if green else build.run(failed=[TEST], exit_code=1)


@pytest.fixture
def executor() -> Iterator[Executor]:
    """Two threads."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def _necessity(
    executor: Executor, bench: Bench, *, new: str = NEW, seconds: float = 60, undefined: str = ""
) -> Evidence:
    trees = build.tree({"a.py": OLD}), build.tree({"a.py": new})

    def problems(_: SourceTree, after: SourceTree) -> list[str]:
        return ["undefined"] if undefined and undefined not in after.files["a.py"].decode() else []

    return necessity(bench, trees, EXAM, problems, Bounds(seconds=seconds, mutants=4), executor)


def test_hunks_that_a_test_misses_are_load_bearing(executor: Executor) -> None:
    """Both checks are asked for."""
    found = _necessity(executor, Bench(lambda source: source.count(CHECK) == 2))
    assert Verdict.PASSED is found.verdict
    assert [f"a.py:2-3: load-bearing ({TEST})", f"a.py:8-9: load-bearing ({TEST})"] == found.facts["hunks"]
    assert [] == found.facts["mutants_survived"]


def test_a_hunk_that_no_test_misses_is_named(executor: Executor) -> None:
    """The tests look at the first site alone."""
    found = _necessity(executor, Bench(lambda source: CHECK in source.partition("def write")[0]))
    assert "proof weak: no security test notices when a.py:8-9 is removed" == found.summary


def test_either_hunk_alone_may_be_enough(executor: Executor) -> None:
    """Then only the removal of all is noticed, which is told and fails nothing."""
    found = _necessity(executor, Bench(lambda source: CHECK in source))
    assert (Verdict.NO_EVIDENCE, "everything: load-bearing (tests.test_a::test_refuses)") == (
        found.verdict,
        found.facts["all hunks removed at once"],
    )


def test_tests_that_pass_without_the_patch_fail_the_gate(executor: Executor) -> None:
    """They were red on the pin a moment ago."""
    assert Verdict.FAILED is _necessity(executor, Bench(lambda _: True)).verdict


def test_what_other_hunks_use_is_not_run(executor: Executor) -> None:
    """A missing name would make any test red."""
    new = "import os\n\n\n" + NEW
    found = _necessity(executor, Bench(lambda source: source.count(CHECK) == 2), new=new, undefined="import os")
    assert "a.py:1-3: the rest of the fix uses it (undefined)" == str(found.facts["hunks"][0])  # type: ignore[index]


def test_the_only_hunk_needs_no_run(executor: Executor) -> None:
    """Without it the tree is the pin, where the test was red."""
    bench = Bench(lambda source: CHECK in source)
    found = _necessity(executor, bench, new=OLD.replace("(path):\n", f"(path):\n{CHECK}", 1))
    assert [f"a.py:2-3: load-bearing (as on the pin: {TEST})"] == found.facts["hunks"]


def test_the_patched_tree_has_to_pass_first(executor: Executor) -> None:
    """Where it does not, a red test shows nothing."""
    bench = Bench(lambda _: False)
    found = _necessity(executor, bench)
    assert (2, Verdict.NO_EVIDENCE) == (bench.runs, found.verdict), "alone and with their neighbours"
    assert f"no trial says anything: the patched tree does not pass one, {TEST} is red" == found.summary


def test_only_the_tests_that_turned_green_are_asked_for(executor: Executor) -> None:
    """By function, and with all others of their files where they are not green alone."""
    asked: list[tuple[str, ...]] = []

    class Leaning(Bench):
        def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
            asked.append(request.only)
            found = super().run(tree, tests, request)
            return build.run(failed=[TEST], exit_code=1) if request.only else found

    found = _necessity(executor, Leaning(lambda source: source.count(CHECK) == 2))
    assert (Verdict.PASSED, ("test_refuses",), {()}) == (found.verdict, asked[0], set(asked[1:]))


def test_no_time_is_told(executor: Executor) -> None:
    """Nothing begins after the end."""
    bench = Bench(lambda _: True)
    found = _necessity(executor, bench, seconds=0)
    assert (0, Verdict.NO_EVIDENCE) == (bench.runs, found.verdict)
    assert "no time was left" in found.summary


def test_without_the_extra_hunks_are_removed_all_the_same(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the evidence says what is missing."""
    monkeypatch.setattr(act, "can_mutate", lambda: False)
    found = _necessity(executor, Bench(lambda source: source.count(CHECK) == 2))
    assert Verdict.PASSED is found.verdict
    assert found.facts["mutants"] == act.NO_MUTANTS
    assert found.facts["mutants_noticed"] == found.facts["mutants_survived"] == []


class Attacked(Bench):
    """Has an exploit too, which never fires, and remembers what was run on each tree."""

    def __init__(self, green: Callable[[str], bool]) -> None:
        super().__init__(green)
        self.asked: list[tuple[str, int]] = []

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """The exploit is blocked everywhere."""
        source = tree.files["a.py"].decode()
        if request.exploit is None:
            self.asked.append(("tests", source.count(CHECK)))
            return super().run(tree, tests, request)
        assert request.exploit.seconds == request.seconds <= act.TRIAL_SECONDS
        self.asked.append(("exploit", source.count(CHECK)))
        return build.run(passed=[request.exploit.name])


def test_nothing_is_run_after_somebody_noticed(executor: Executor) -> None:
    """The control asks both; a removal that the tests notice asks no exploit, which may hang on such a tree."""
    trees = build.tree({"a.py": OLD}), build.tree({"a.py": NEW})
    bench = Attacked(lambda source: source.count(CHECK) == 2)
    exam = replace(EXAM, exploits=(build.exploit(),))
    necessity(bench, trees, exam, lambda _old, _new: (), Bounds(seconds=60, mutants=0), executor)
    assert [("exploit", 2), ("tests", 1), ("tests", 1), ("tests", 2)] == sorted(bench.asked)
