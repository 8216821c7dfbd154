"""Rows of the benchmark: one for each case and tool, kept in a JSON Lines file so that a run can go on."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import avr
from benchmarks.backport.attempt import Attempt
from benchmarks.backport.cases import Case
from benchmarks.backport.engine import NAME
from benchmarks.backport.judge import Harness, Judged
from benchmarks.pins.run import engine_commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one tool did on one case; times in seconds as in `Attempt`. `harness` is empty where tests were executed.

    `commit` is the engine's, `engine` a digest of its sources: a row of another engine is run again.
    """

    case: str
    tool: str
    ecosystem: str
    upstream: str
    category: str
    public: bool
    placed: str
    verdict: str
    closeness: str
    harness: str
    against: tuple[str, ...]
    seconds: float
    cpu: float
    reading: float
    rungs: tuple[tuple[str, str], ...] = ()
    tests: tuple[int, int] = (0, 0)
    why: str = ""
    commit: str = ""
    engine: str = ""

    @property
    def good(self) -> bool:
        """Resolved by tests, or the same as the maintainers' own where nothing can be executed."""
        return self.verdict in {"resolved", "same"}

    @property
    def executable(self) -> bool:
        """Whether the maintainers' tests were the judge."""
        return not self.harness

    @property
    def rung(self) -> str:
        """The highest rung that placed something, `-` where none did."""
        return max((rung for status, rung in self.rungs if status == "placed" and rung), default="-")


def row_of(case: Case, attempt: Attempt, harness: Harness, judged: Judged) -> Row:
    """The row of an attempt."""
    return Row(
        case=case.id,
        tool=attempt.tool,
        ecosystem=case.ecosystem,
        upstream=case.upstream,
        category=case.category,
        public=case.public,
        placed=attempt.placed,
        verdict=judged.verdict,
        closeness=judged.closeness,
        harness=harness.why,
        against=judged.against,
        seconds=round(attempt.seconds, 4),
        cpu=round(attempt.cpu, 4),
        reading=round(attempt.reading, 4),
        rungs=tuple((hunk.status, hunk.rung) for hunk in attempt.hunks),
        tests=attempt.tests,
        why=attempt.why,
        commit=engine_commit(),
        engine=engine_digest(),
    )


def unavailable(case: Case, tool: str, why: str) -> Row:
    """The row of a case that cannot be had at all: named, never dropped."""
    return Row(
        case=case.id,
        tool=tool,
        ecosystem=case.ecosystem,
        upstream=case.upstream,
        category=case.category,
        public=case.public,
        placed="none",
        verdict="unavailable",
        closeness="",
        harness=why,
        against=(),
        seconds=0.0,
        cpu=0.0,
        reading=0.0,
        commit=engine_commit(),
        engine=engine_digest(),
    )


def read(path: Path) -> list[Row]:
    """The rows of a file, the last one of each case and tool; rows of an engine that was changed since are left out."""
    found: dict[tuple[str, str], Row] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        row = _row(json.loads(line))
        found[row.case, row.tool] = row
    return [row for row in found.values() if row.tool != NAME or row.engine == engine_digest()]


def write(path: Path, rows: Iterable[Row]) -> None:
    """Append rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as sink:
        sink.writelines(json.dumps(asdict(row)) + "\n" for row in rows)


@cache
def engine_digest() -> str:
    """A short digest of all sources of the package."""
    folder = Path(avr.__file__).parent
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        if {"patch", "model", "plan", "tools"} & set(path.relative_to(folder).parts):
            whole.update(b"%s\0%s\0" % (str(path.relative_to(folder)).encode(), path.read_bytes()))
    return whole.hexdigest()[:12]


def _row(data: dict[str, Any]) -> Row:
    data["against"] = tuple(data["against"])
    data["rungs"] = tuple((status, rung) for status, rung in data["rungs"])
    data["tests"] = tuple(data["tests"])
    return Row(**data)
