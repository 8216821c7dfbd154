"""Runs our engine and the tools of today on the backport cases and prints the tables of RESULTS.md.

`python -m benchmarks.backport.run --cases cases.jsonl` with upstream copies in AVR_GIT_MIRROR (`owner+name/repo`). Rows
go to `WORK/rows.jsonl` as they come: an interrupted run goes on where it stopped, and rows of an engine that was
changed since are run again. Our engine is given a `Task`, which cannot hold the maintainers' answer; what it reads is
watched.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from avr.tools import sandbox
from benchmarks.backport import rows
from benchmarks.backport.attempt import Attempt
from benchmarks.backport.baselines import BASELINES, missing
from benchmarks.backport.cases import Case, load
from benchmarks.backport.engine import NAME, run_engine, warm_up
from benchmarks.backport.execute import Suite
from benchmarks.backport.judge import check_harness, judge
from benchmarks.backport.rows import Row
from benchmarks.backport.tables import report
from benchmarks.backport.trees import blob_ids

TOOLS = (NAME, *BASELINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One case with the tools that are to be run on it."""

    case: Case
    tools: tuple[str, ...]
    work: Path
    execute: bool


def run_case(job: Job) -> list[Row]:
    """All tools on one case, judged; runs in a process of its own."""
    case = job.case
    if not (case.task.repository.directory / "objects").is_dir():
        why = f"the mirror has no {case.upstream}"
        return [rows.unavailable(case, tool, why) for tool in job.tools]
    attempts = [run_engine(case.task) if tool == NAME else BASELINES[tool](case.task) for tool in job.tools]
    suite = Suite(work=job.work) if job.execute else None
    harness = check_harness(case, suite)
    found = []
    for attempt in attempts:
        assert not attempt.asked & only_in_target(case), f"{case.id}: the engine has read the maintainers' answer"
        found.append(rows.row_of(case, attempt, harness, judge(case, attempt, harness, suite)))
        _keep(job.work / "results" / case.id / attempt.tool.replace(" ", "_"), attempt)
    if suite is not None:
        suite.forget(case)
    return found


def only_in_target(case: Case) -> frozenset[str]:
    """Ids of file contents that the maintainers' backport has made, and that no commit the engine may see holds."""
    repository, expected = case.task.repository, case.expected
    paths = (*expected.code, *(path for _, path in expected.tests))
    made = blob_ids(repository, expected.target_commit, paths)
    seen = {
        blob
        for commit in (case.task.base, case.task.source_commit, case.task.source_parent)
        for blob in blob_ids(repository, commit).values()
    }
    return frozenset(made.values()) - seen


def _keep(folder: Path, attempt: Attempt) -> None:
    """Keep a result for reading: the changed files and what was recorded."""
    for path, data in attempt.changes.items():
        if data is not None:
            place = folder / "tree" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    record = {key: value for key, value in asdict(attempt).items() if key not in {"changes", "asked"}}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(json.dumps({**record, "changed": sorted(attempt.changes)}, indent=1))


def _jobs(arguments: argparse.Namespace, known: Sequence[Row]) -> list[Job]:
    wanted = [] if arguments.only is None else arguments.only.split(",")
    done = {(row.case, row.tool) for row in known}
    made = []
    for case in load(arguments.cases, arguments.mirror):
        names = {case.id, case.ecosystem, case.upstream, "executable" if case.expected.runnable else ""}
        if wanted and not names & set(wanted):
            continue
        open_ = [tool for tool in arguments.tools.split(",") if (case.id, tool) not in done]
        if NAME in open_ and "git cherry-pick" in arguments.tools and "git cherry-pick" not in open_:
            open_.append("git cherry-pick")  # its time is the measure of ours: it is taken in the same run
        if open_:
            made.append(Job(case=case, tools=tuple(open_), work=arguments.work, execute=not arguments.no_tests))
    return made


def main() -> None:
    """Run what is missing, then print the tables."""
    arguments = _arguments()
    complaint = missing(arguments.tools.split(",")) or (None if arguments.no_tests else sandbox.problem())
    if complaint:
        sys.exit(complaint)
    log = arguments.work / "rows.jsonl"
    known = [] if arguments.again else rows.read(log)
    jobs = _jobs(arguments, known)
    with ProcessPoolExecutor(max_workers=arguments.jobs, initializer=warm_up) as pool:
        running = {pool.submit(run_case, job): job for job in jobs}
        for count, future in enumerate(as_completed(running), 1):
            found = future.result()
            rows.write(log, found)
            known += found
            line = ", ".join(f"{row.tool} {row.verdict}" for row in found)
            print(f"{count}/{len(jobs)} {running[future].case.id}: {line}", file=sys.stderr, flush=True)
    wanted = {case.id for case in load(arguments.cases, arguments.mirror)}
    print(report([row for row in {(row.case, row.tool): row for row in known}.values() if row.case in wanted]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="a cases.jsonl")
    parser.add_argument("--mirror", type=Path, default=os.environ.get("AVR_GIT_MIRROR"), help="default: AVR_GIT_MIRROR")
    parser.add_argument("--work", type=Path, default=Path("build/bench/backport"))
    parser.add_argument("--only", help="case ids, ecosystems, upstreams or `executable`, by commas")
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-tests", action="store_true", help="compare only, execute nothing")
    parser.add_argument("--again", action="store_true", help="forget earlier rows; test runs are still remembered")
    arguments = parser.parse_args()
    if arguments.mirror is None:
        parser.error("set AVR_GIT_MIRROR to the folder of upstream repositories")
    unknown = set(arguments.tools.split(",")) - set(TOOLS)
    if unknown:
        parser.error(f"unknown tools {sorted(unknown)}; known are {', '.join(TOOLS)}")
    arguments.work = arguments.work.resolve()
    return arguments


if __name__ == "__main__":
    main()
