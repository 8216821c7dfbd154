"""How the engine's cost grows with the size of a file and of a tree, on inputs made here.

`python -m benchmarks.backport.scaling` times files of 10,000 and 100,000 lines in each language, with the fix's place
where it was, moved to the other end, and drifted so that the strict rungs fail; and trees of 5,000 and 50,000 files
with the file in its place, moved, and absent. Linear is ten times the time for ten times the size.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import AdvisoryId
from avr.model.source import SourceTree
from avr.stages.patch.ladder import backport
from benchmarks.backport.engine import warm_up

LINES, FILES = (10_000, 100_000), (5_000, 50_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Processor time in seconds of one backport and whether it was complete."""

    seconds: float
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a language writes what is needed here: functions of five lines with a body of their own."""

    suffix: str
    function: Callable[[str, str], str]
    guard: str


def _python(name: str, call: str) -> str:
    return f"def {name}(value):\n    total = {call}(value)\n    total += 1\n    return total\n\n"


def _javascript(name: str, call: str) -> str:
    return f"function {name}(value) {{\n  let total = {call}(value);\n  total += 1;\n  return total;\n}}\n"


def _java(name: str, call: str) -> str:
    return f"    int {name}(int value) {{\n        int total = {call}(value);\n        return total + 1;\n    }}\n\n"


DIALECTS = (
    Dialect(suffix=".py", function=_python, guard="    if value is None:\n        raise ValueError(value)\n"),
    Dialect(
        suffix=".js", function=_javascript, guard="  if (value === null) {\n    throw new TypeError(value);\n  }\n"
    ),
    Dialect(suffix=".java", function=_java, guard="        if (value < 0) {\n            return 0;\n        }\n"),
)


def file_cases(dialect: Dialect, lines: int) -> Iterator[tuple[str, str, str, str]]:
    """(name, before, after, pin) of a file with about `lines` lines."""
    count = lines // 5
    bodies = [dialect.function(f"step_{i}", f"call_{i}") for i in range(count)]
    place = count // 2
    fixed = _guarded(bodies[place], dialect)
    before, after = _file(dialect, bodies), _file(dialect, [*bodies[:place], fixed, *bodies[place + 1 :]])
    yield "in its place", before, after, before
    moved = [bodies[place], *bodies[:place], *bodies[place + 1 :]]
    yield "definition moved", before, after, _file(dialect, moved)
    renamed = [body.replace("total", "result") if i % 2 == place % 2 else body for i, body in enumerate(bodies)]
    yield "every other function drifted", before, after, _file(dialect, renamed)
    spaced = [body.replace("(value)", "( value )") for body in bodies]
    yield "every line reformatted", before, after, _file(dialect, spaced)
    yield "definition absent", before, after, _file(dialect, bodies[:place] + bodies[place + 1 :])


def tree_cases(files: int) -> Iterator[tuple[str, str, str, SourceTree]]:
    """(name, before, after, tree) of a tree with `files` small files."""
    dialect = DIALECTS[0]
    others = {
        f"package_{i % 100}/module_{i}.py": "".join(
            dialect.function(f"f_{i}_{j}", f"g_{i}_{j}") for j in range(8)
        ).encode()
        for i in range(files)
    }
    bodies = [dialect.function(f"step_{i}", f"call_{i}") for i in range(40)]
    before, after = "".join(bodies), "".join([*bodies[:20], _guarded(bodies[20], dialect), *bodies[21:]])
    yield "file in its place", before, after, _tree(others, {"lib/fixed.py": before})
    yield "file moved", before, after, _tree(others, {"package_7/elsewhere.py": before})
    halves = {"lib/one.py": "".join(bodies[:10]), "lib/two.py": "".join(bodies[10:])}
    yield "file split in two", before, after, _tree(others, halves)
    yield "file absent", before, after, _tree(others, {})


def measure(before: str, after: str, pin: SourceTree, path: str) -> Measured:
    """One backport of a change to the file at `path`."""
    change = FileChange(
        path_before=path, path_after=path, before=before.encode(), after=after.encode(), kind=ChangeKind.CODE
    )
    route = FixRoute.COMMIT
    fix = Fix(advisory=AdvisoryId("BENCH-1"), route=route, files=(change,), confidence=1.0, reasons=("made here",))
    start = time.process_time()
    done = backport(pin, [(AdvisoryId("BENCH-1"), fix)], SourceTree(files={}))
    return Measured(seconds=time.process_time() - start, complete=done.ported[0].complete)


def _guarded(body: str, dialect: Dialect) -> str:
    head, rest = body.split("\n", 1)
    return f"{head}\n{dialect.guard}{rest}"


def _file(dialect: Dialect, bodies: list[str]) -> str:
    text = "".join(bodies)
    return f"class Fixed {{\n{text}}}\n" if dialect.suffix == ".java" else text


def _tree(others: Mapping[str, bytes], own: Mapping[str, str]) -> SourceTree:
    return SourceTree(files={**others, **{path: text.encode() for path, text in own.items()}})


def _rows(lines: tuple[int, int], files: tuple[int, int]) -> Iterator[str]:
    yield "| input | small | large | growth for ten times the size | placed |"
    yield "| --- | --- | --- | --- | --- |"
    for dialect in DIALECTS:
        path = f"lib/Fixed{dialect.suffix}"
        pairs = zip(*(file_cases(dialect, size) for size in lines), strict=True)
        for small, large in pairs:
            results = [
                measure(before, after, SourceTree(files={path: pin.encode()}), path)
                for _, before, after, pin in (small, large)
            ]
            yield _row(f"{lines[1]} lines{dialect.suffix}, {small[0]}", *results)
    for one, two in zip(*(tree_cases(size) for size in files), strict=True):
        results = [measure(before, after, tree, "lib/fixed.py") for _, before, after, tree in (one, two)]
        yield _row(f"{files[1]} files, {one[0]}", *results)


def _row(name: str, small: Measured, large: Measured) -> str:
    growth = large.seconds / max(small.seconds, 1e-4)
    placed = "yes" if large.complete else "no"
    return f"| {name} | {small.seconds:.2f} s | {large.seconds:.2f} s | {growth:.1f} | {placed} |"


def main() -> None:
    """Print the table, line by line as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenth", action="store_true", help="a tenth of all sizes")
    arguments = parser.parse_args()
    divisor = 10 if arguments.tenth else 1
    warm_up()
    lines, files = (LINES[0] // divisor, LINES[1] // divisor), (FILES[0] // divisor, FILES[1] // divisor)
    for line in _rows(lines, files):
        print(line, flush=True)


if __name__ == "__main__":
    main()
