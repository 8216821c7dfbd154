"""Watches a package on both sides of a patch: which changed lines run, and what recorded calls give.

Two chains of sandboxed runs go on side by side: lines (the fix's tests, the exploits, then the part of the suite that
concerns the change, all on the patched tree), and calls (recorded on the unpatched tree, replayed on both).
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from avr.ecosystems.interface import Watch
from avr.ecosystems.pypi import apart
from avr.ecosystems.pypi.behaviour import api, compare, generated, inplace, places, reading, replayed
from avr.ecosystems.pypi.behaviour.measuring import Tool
from avr.ecosystems.pypi.behaviour.places import Places
from avr.ecosystems.pypi.behaviour.reading import Call, Lines, Literal, Recorded
from avr.ecosystems.pypi.behaviour.replayed import Outcomes
from avr.ecosystems.pypi.exploit import PACKAGE, Prover
from avr.ecosystems.pypi.ownrunner import PROGRAMS
from avr.ecosystems.pypi.suite import Suite, layout
from avr.ecosystems.pypi.testrun import TREE, Beside, Limits, Runner
from avr.model.behaviour import Coverage, Observation, RanBy
from avr.model.source import SourceTree

MOST_CALLS = 400
EACH_FUNCTION = 30
MOST_GENERATED = 300
SECONDS_OF_A_CALL = 2
TWICE = 2
"""How often a call is replayed on each side: outcomes that do not repeat say nothing."""
_LARGEST = 8 << 20
_NOTHING = "nothing was measured"
_OVER = "the time was over before the whole suite was seen"
"""The recorder's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where everything runs: `runner` for the suite, `tester` for the fix's tests, `tool` or why there is none."""

    runner: Runner
    tester: Runner
    prover: Prover
    suite: Suite
    tool: Tool | str
    limits: Limits


def observe(scene: Scene, watch: Watch) -> Observation:
    """Everything that can be seen of the changed Python modules; never raises for what the package does."""
    changed = tuple(path for path in watch.pinned.differing(watch.patched) if api.module_name(watch.patched, path))
    where = places.changed(watch.pinned, watch.patched, changed)
    if not where:
        return Observation(problem="no Python module is changed that both sides have")
    if scene.runner.script:
        return Observation(problem="the suite runs by its own script, whose calls are not recorded")
    sight = _Sight(scene=scene, watch=watch, where=where)
    start = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        measured = pool.submit(sight.coverage)
        seen = sight.calls()
        lines, seconds = measured.result(), round(time.monotonic() - start, 3)
        return replace(seen, coverage=lines, seconds=seconds, cut_short=_cut_short(seen, lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    scene: Scene
    watch: Watch
    where: Mapping[str, Places]

    def coverage(self) -> Coverage:
        """The changed lines that the fix's tests, the exploits and the suite run on the patched tree."""
        if isinstance(self.scene.tool, str):
            return Coverage(problems=(self.scene.tool,))
        found = {RanBy.TESTS: self._by_tests(self.scene.tool), RanBy.EXPLOITS: self._by_exploits(self.scene.tool)}
        found[RanBy.SUITE] = self._by_suite(self.scene.tool)
        known = [lines for lines, _ in found.values() if lines is not None]
        told = {path: {each for one in known for each in one.can.get(path, [])} for path in self.where}
        can = {path: _those(told[path], place) for path, place in self.where.items()}
        return Coverage(
            tool=f"coverage.py {known[0].tool}" if known else "",
            executable={path: each for path, each in can.items() if each},
            ran={
                by: {path: _those(lines.ran.get(path, []), place) for path, place in self.where.items()}
                for by, (lines, _) in found.items()
                if lines is not None
            },
            problems=tuple(f"{by}: {why}" for by, (_, why) in found.items() if why),
        )

    def _by_tests(self, tool: Tool) -> tuple[Lines | None, str]:
        paths = tuple(sorted(path for path in self.watch.tests if _is_test_module(path)))
        if not paths:
            return None, "there are none"
        tree = self._whole(self.watch.patched).replacing(dict(self.watch.tests))
        return self._cover_tests(tool, self.scene.tester, tree, paths)

    def _by_suite(self, tool: Tool) -> tuple[Lines | None, str]:
        tree = self._whole(self.watch.patched)
        return self._cover_tests(tool, self.scene.runner, tree, self._concerned(tree)[0])

    def _cover_tests(
        self, tool: Tool, runner: Runner, tree: SourceTree, paths: tuple[str, ...]
    ) -> tuple[Lines | None, str]:
        limits = replace(self.scene.limits, seconds=self.watch.seconds)
        arguments = (*tool.arguments, "module", "pytest", *runner.pytest(tree, paths, limits))
        inside = {f"{TREE}/{path}": path for path in self.where}
        wanted = {name: self.where[path].after for name, path in inside.items()}
        done, left = runner.program(tree, arguments, limits, tool.beside(wanted))
        lines = reading.lines(left, inside)
        return lines, "" if lines else f"{_NOTHING}: {done.problem or f'exit code {done.exit_code}'}"

    def _by_exploits(self, tool: Tool) -> tuple[Lines | None, str]:
        inside = {f"{PACKAGE}/{path}": path for path in self.where}
        beside = tool.beside({name: self.where[path].after for name, path in inside.items()})
        found = []
        for exploit in self.watch.exploits:
            arguments = (*tool.arguments, "script")
            _, left = self.scene.prover.program(self.watch.patched, exploit, arguments, beside)
            found += [lines] if (lines := reading.lines(left, inside)) else []
        if not found:
            return None, _NOTHING if self.watch.exploits else "there are none"
        ran = {path: sorted({each for one in found for each in one.ran.get(path, [])}) for path in self.where}
        return replace(found[0], ran=ran), ""

    def calls(self) -> Observation:
        """Record on the unpatched tree, replay on both, compare; in place where nothing can be carried."""
        recorded, tests = self._recorded()
        seen = self._carried(recorded)
        if any(each.returned for each in seen.watched) or not tests:
            return seen
        return _together(seen, self._in_place(tests))

    def _carried(self, recorded: Recorded) -> Observation:
        if not recorded.calls:
            why = max(recorded.lost, key=lambda each: recorded.lost[each], default="the suite makes no such call")
            return Observation(reasons=dict(recorded.lost), problem=f"no call of a changed function to replay: {why}")
        made = generated.calls(recorded.calls, EACH_FUNCTION, MOST_GENERATED)
        calls = (*recorded.calls, *made)
        before, after = self._replayed(calls)
        return replayed.compared(calls, before, after, recorded, self._as_upstream(calls, before, after))

    def _as_upstream(self, calls: Sequence[Call], before: Outcomes, after: Outcomes) -> frozenset[int]:
        """The calls that end otherwise, and just so in upstream's own fixed release."""
        numbers = replayed.differing(calls, before, after)
        fixed = self.watch.fixed.tree() if numbers and self.watch.fixed else None
        if fixed is None:
            return frozenset()
        data = json.dumps([calls[number].request() for number in numbers]).encode()
        upstream = [self._replay(self._whole(fixed), data, len(numbers)) for _ in range(TWICE)]
        return replayed.as_upstream(numbers, after, upstream)

    def _recorded(self) -> tuple[Recorded, tuple[str, ...]]:
        """Calls, and the tests that get to changed code; from tests that do not concern the change only in need."""
        tree = self._whole(self.watch.pinned)
        inside = {f"{TREE}/{path}": path for path in self.where}
        found = Recorded()
        tests: tuple[str, ...] = ()
        for paths in self._concerned(tree):
            if paths and not found.calls and not tests:
                data = self._traced("behaviour_record.py", tree, paths)
                found = reading.recorded(data, MOST_CALLS, inside)
                tests = inplace.node_ids(data, self.scene.runner.pieces(tree, self.scene.suite.paths))
        return found, tests

    def _in_place(self, tests: tuple[str, ...]) -> inplace.Compared:
        """The same tests on both sides, with every call of a changed function followed to its end."""
        inside = {f"{TREE}/{path}": path for path in self.where}
        sides = [(self._whole(self.watch.pinned), True), (self._whole(self.watch.patched), False)]
        told = [self._traced("behaviour_inplace.py", tree, tests, old=old) for tree, old in sides * TWICE]
        runs = [inplace.read(data, inside) for data in told]
        return inplace.compared(runs[0::2], runs[1::2])

    def _traced(self, program: str, tree: SourceTree, paths: tuple[str, ...], *, old: bool = True) -> bytes:
        """What a tracing program of ours writes about the tests at `paths` on either side."""
        inside = {f"{TREE}/{path}": path for path in self.where}
        config = {
            "files": {
                name: list(self.where[path].before if old else self.where[path].after) for name, path in inside.items()
            },
            "package": [f"{TREE}/{each}" for each in _package(tree)],
            "tests": [f"{TREE}/{each}" for each in self._test_paths(tree)],
            "most": MOST_CALLS,
            "each": EACH_FUNCTION,
            "bytes": _LARGEST,
            "seconds": self.watch.seconds,
            "report": "/results/calls.jsonl",
        }
        limits = replace(self.scene.limits, seconds=self.watch.seconds + 10)
        arguments = (f"{PROGRAMS}/{program}", f"{PROGRAMS}/trace.json", *self.scene.runner.pytest(tree, paths, limits))
        beside = Beside(files={"trace.json": json.dumps(config).encode()}, result="calls.jsonl", most=_LARGEST)
        _, left = self.scene.runner.program(tree, arguments, limits, beside)
        return left or b""

    def _test_paths(self, tree: SourceTree) -> list[str]:
        """What is no code of the package: test files, and the suite's folders unless they hold what changed."""
        suite = self.scene.suite.paths
        folders = [each for each in suite if not any(f"{one}/".startswith(f"{each}/") for one in self.where)]
        return [*folders, *self.scene.runner.pieces(tree, suite)]

    def _replayed(self, calls: Sequence[Call]) -> tuple[list[list[Literal | None]], list[list[Literal | None]]]:
        """The outcomes of each call, by repetition, on both sides."""
        data = json.dumps([each.request() for each in calls]).encode()
        sides = [self._whole(self.watch.pinned), self._whole(self.watch.patched)]
        runs = [self._replay(tree, data, len(calls)) for tree in sides * TWICE]
        return runs[0::2], runs[1::2]

    def _replay(self, tree: SourceTree, data: bytes, count: int) -> list[Literal | None]:
        program = (f"{PROGRAMS}/behaviour_replay.py", f"{PROGRAMS}/replay.json", "/results/outcomes.jsonl")
        limits = replace(self.scene.limits, seconds=self.watch.seconds)
        beside = Beside(files={"replay.json": data}, result="outcomes.jsonl", most=2 * _LARGEST)
        _, left = self.scene.runner.program(tree, (*program, str(SECONDS_OF_A_CALL)), limits, beside)
        return reading.outcomes(left, count)

    def _whole(self, tree: SourceTree) -> SourceTree:
        return tree.replacing(dict(self.scene.suite.overlay))

    def _concerned(self, tree: SourceTree) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The test files that concern the change, and the others."""
        pieces = apart.order(tree, self.scene.runner.pieces(tree, self.scene.suite.paths), tuple(self.where))
        return (pieces.concerned, pieces.others) if pieces.concerned else (pieces.others, ())


def _is_test_module(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(".py") and name not in {"__init__.py", "conftest.py"}


def _cut_short(seen: Observation, lines: Coverage) -> bool:
    late = not {_OVER, compare.NOT_IN_TIME}.isdisjoint(seen.reasons)
    return late or any(_NOTHING in each for each in lines.problems)


def _those(told: Iterable[int], place: Places) -> list[int]:
    """Of the lines that were told, those that were asked for."""
    return sorted(set(told) & set(place.after))


def _together(carried: Observation, followed: inplace.Compared) -> Observation:
    """What was seen in either way; a problem of the one is none where the other saw something."""
    problem = "" if any(each.recorded for each in followed.watched) else carried.problem
    return replace(
        carried,
        watched=(*carried.watched, *followed.watched),
        changed=(*carried.changed, *followed.changed),
        reasons=dict(Counter(carried.reasons) + Counter(followed.reasons)),
        problem=problem,
    )


def _package(tree: SourceTree) -> list[str]:
    """What the paths of the package's own code begin with."""
    found = layout(tree)
    below = [f"{root}/{name}".lstrip("/") for root in found.roots for name in sorted(found.names)]
    return [each for name in below for each in (f"{name}/", f"{name}.py")]
