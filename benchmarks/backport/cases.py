"""The cases of a `cases.jsonl`, split into what a tool may see (`Task`) and what only the judge may (`Expected`)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avr.model.fix import ChangeKind
from avr.stages.plan.kinds import classify
from avr.tools.git import Repository

_TEST = re.compile(r"(^|[/_.-])tests?[/_.-]", re.IGNORECASE)
"""Tests that the benchmark counts as code of the maintainers' backport, such as `mocha_test/a.js`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Carry the non-test part of `source_commit` (its parent is `source_parent`) onto `base`.

    All that an engine or a tool is ever given: there is no field that could hold the maintainers' answer. `code` and
    `tests` are paths of upstream's change after it; documentation and build settings are left out of both.
    """

    id: str
    repository: Repository
    base: str
    source_commit: str
    source_parent: str
    code: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runnable:
    """How the maintainers' tests run: Django's labels under a CPython, or test files under Node (`python` None)."""

    python: str | None
    labels: tuple[str, ...]
    fail_to_pass: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The maintainers' own backport; `tests` are (status, path) of git, the status one of A, M, D."""

    target_commit: str
    code: tuple[str, ...]
    tests: tuple[tuple[str, str], ...]
    runnable: Runnable | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One backport made by maintainers; `category` is the benchmark's word for how far the branches had drifted."""

    task: Task
    expected: Expected
    ecosystem: str
    upstream: str
    category: str
    public: bool

    @property
    def id(self) -> str:
        """The name of the case."""
        return self.task.id


def load(path: Path, mirror: Path) -> Iterator[Case]:
    """The cases of a file; `mirror` holds the upstream repositories as `owner+name/repo`."""
    for line in path.read_text(encoding="utf-8").splitlines():
        yield _case(json.loads(line), mirror)


def is_code(path: str) -> bool:
    """Whether a file that is no test counts: documentation and build settings do not."""
    return classify(path) in {ChangeKind.CODE, ChangeKind.TEST}


def _case(row: Mapping[str, Any], mirror: Path) -> Case:
    task = Task(
        id=row["id"],
        repository=_repository(row["upstream"], mirror),
        base=row["base"],
        source_commit=row["source_commit"],
        source_parent=row["source_parent"],
        code=tuple(after for _, _, after in row["source_code"] if is_code(after)),
        tests=tuple(row["source_test"]),
    )
    named = dict.fromkeys(path for _, *paths in row["target_code"] for path in paths)
    expected = Expected(
        target_commit=row["target_commit"],
        code=tuple(path for path in named if is_code(path) and (path in task.code or not _TEST.search(path))),
        tests=tuple((status[0], after) for status, _, after in row["target_test"]),
        runnable=_runnable(row.get("runs_here"), row["FAIL_TO_PASS"] or ()),
    )
    return Case(
        task=task,
        expected=expected,
        ecosystem=row["ecosystem"],
        upstream=row["upstream"],
        category=row["content_change"],
        public=row["in_public_202"],
    )


def _runnable(row: Mapping[str, Any] | None, named: Sequence[str]) -> Runnable | None:
    """Tests by the names seen on another machine and by the benchmark's own: reporters differ in how they name them."""
    if row is None:
        return None
    seen = row["fail_to_pass"]
    files = () if row["python"] else {name.split(":", 1)[0] for name in seen}
    names = dict.fromkeys([*seen, *(f"{file}:{name}" for file in sorted(files) for name in named)])
    return Runnable(python=row["python"], labels=tuple(row["labels"] or ()), fail_to_pass=tuple(names))


def _repository(upstream: str, mirror: Path) -> Repository:
    folder = mirror / upstream.replace("/", "+") / "repo"
    inner = folder / ".git"
    return Repository(directory=inner if inner.is_dir() else folder, name=upstream, url=upstream)
