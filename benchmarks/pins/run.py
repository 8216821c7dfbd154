"""Runs the main job on every pin of a `cases.jsonl` of one ecosystem and prints the table of RESULTS.md.

Each pin is one `avr fix` of one package URL and one advisory, with upstream git (through `AVR_GIT_MIRROR`) and again
with the registry alone. Rows are appended to a JSON Lines file as they come: an interrupted run goes on where it
stopped. No pin's expected answer is within reach of the program: it is given a package URL and an advisory id.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import avr

SECONDS_PER_PIN = 2400


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one pin ended in one mode; `seconds` is wall time, `commit` the engine's."""

    package: str
    version: str
    advisory: str
    mode: str
    exit_code: int
    state: str
    level: str
    code: str
    why: str
    seconds: float
    output: str
    commit: str = ""


def pins(data: Path, ecosystem: str = "PyPI") -> list[tuple[str, str, str]]:
    """(package, version, advisory) of the last affected and the older affected release of each case of an ecosystem."""
    found = []
    for line in (data / "cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["ecosystem"] != ecosystem:
            continue
        advisory = case["cve"] or case["advisory_id"]
        found += [
            (case["package"], case[field], advisory)
            for field in ("last_vulnerable_version", "older_vulnerable_version")
            if case[field]
        ]
    return sorted(set(found))


def run_one(pin: tuple[str, str, str], mode: str, work: Path, ecosystem: str = "PyPI") -> Row:
    """One `avr fix` in a process of its own."""
    package, version, advisory = pin
    output = work / mode / f"{package}-{version}-{advisory}"
    shutil.rmtree(output, ignore_errors=True)
    purl = f"pkg:{ecosystem.lower()}/{package}@{version}"
    command = [
        sys.executable,
        "-m",
        "avr",
        "fix",
        purl,
        "--only",
        advisory,
        "--output",
        str(output),
        "--format",
        "json",
    ]
    command += ["--no-git"] if mode == "registry" else []
    environment = {**os.environ, "AVR_JOBS": "1", "AVR_SUITE_SECONDS": os.environ.get("AVR_SUITE_SECONDS", "180")}
    start = time.monotonic()
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=SECONDS_PER_PIN, check=False)
        exit_code, errors = done.returncode, done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired:
        exit_code, errors = -1, f"not ended within {SECONDS_PER_PIN} s"
    state, level, code, why = _ending(output / "report.json", advisory, errors)
    return Row(
        package=package,
        version=version,
        advisory=advisory,
        mode=mode,
        exit_code=exit_code,
        state=state,
        level=level,
        code=code,
        why=why,
        seconds=round(time.monotonic() - start, 1),
        output=str(output),
        commit=engine_commit(),
    )


def engine_commit() -> str:
    """The commit of the sources that are run, with a plus sign where they were changed since."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=Path(avr.__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip()


def _ending(report: Path, advisory: str, errors: str) -> tuple[str, str, str, str]:
    if not report.exists():
        return "crashed", "-", "benchmark.no-report", errors.strip()[-300:]
    for component in json.loads(report.read_text())["item"]["components"]:
        for found in component["findings"]:
            ids = [found["finding"]["advisory"]["id"], *found["finding"]["advisory"]["aliases"]]
            if advisory in ids:
                return found["state"], found["assurance"], found["code"], found["why"]
    return "not_listed", "-", "find.not-listed", "no finding: the advisory's ranges do not name this version"


def table(rows: list[Row]) -> str:
    """The Markdown table: one line per pin, both modes side by side."""
    by_pin: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in rows:
        by_pin.setdefault((row.package, row.version, row.advisory), {})[row.mode] = row
    lines = [
        "| pin | advisory | with git | registry alone | why not fixed (git; registry) |",
        "| --- | --- | --- | --- | --- |",
    ]
    for (package, version, advisory), modes in sorted(by_pin.items()):
        cells = [f"{modes[mode].state} {modes[mode].level}" if mode in modes else "" for mode in ("git", "registry")]
        open_rows = [modes[mode] for mode in ("git", "registry") if mode in modes and modes[mode].state != "fixed"]
        whys = "; ".join(dict.fromkeys(f"{row.code}: {_short(row.why)}" for row in open_rows))
        lines.append(f"| {package} {version} | {advisory} | {' | '.join(cells)} | {whys} |")
    return "\n".join(lines)


def _short(text: str) -> str:
    line = " ".join(text.split()).replace("|", "/")
    return line if len(line) <= 140 else f"{line[:137]}..."


def summary(rows: list[Row]) -> str:
    """Counts per mode."""
    lines = []
    commits = ", ".join(sorted({row.commit for row in rows if row.commit}))
    lines.append(f"- commits: {commits or 'not recorded'}")
    for mode in ("git", "registry"):
        mine = [row for row in rows if row.mode == mode]
        states: dict[str, int] = {}
        for row in mine:
            states[row.state] = states.get(row.state, 0) + 1
        proved = sum(row.level in {"A3", "A4"} for row in mine if row.state == "fixed")
        counted = ", ".join(f"{state} {count}" for state, count in sorted(states.items()))
        lines.append(f"- {mode}: {len(mine)} pins, {proved} fixed at A3 or better; {counted}")
    return "\n".join(lines)


def main() -> None:
    """Run what is missing, then print summary and table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with cases.jsonl")
    parser.add_argument("--work", type=Path, default=Path("build/bench/pins"))
    parser.add_argument("--ecosystem", default="PyPI", choices=["PyPI", "npm"])
    parser.add_argument("--modes", default="git,registry")
    parser.add_argument("--only", default="", help="a package name")
    parser.add_argument("--again", action="store_true", help="forget earlier rows of what is run")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    log = arguments.work / "rows.jsonl"
    rows = [Row(**json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []
    wanted = [
        (pin, mode)
        for pin in pins(arguments.data, arguments.ecosystem)
        for mode in arguments.modes.split(",")
        if not arguments.only or pin[0] in arguments.only.split(",")
    ]
    if arguments.again:
        rows = [row for row in rows if ((row.package, row.version, row.advisory), row.mode) not in wanted]
        log.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows))
    done = {((row.package, row.version, row.advisory), row.mode) for row in rows}
    with ThreadPoolExecutor(max_workers=2) as pool, log.open("a") as sink:
        for row in pool.map(
            lambda each: run_one(each[0], each[1], arguments.work, arguments.ecosystem),
            [each for each in wanted if each not in done],
        ):
            rows.append(row)
            sink.write(json.dumps(asdict(row)) + "\n")
            sink.flush()
            print(
                f"{row.mode} {row.package} {row.version} {row.advisory}: {row.state} {row.level} {row.seconds} s",
                file=sys.stderr,
            )
    print(summary(rows))
    print()
    print(table(rows))


if __name__ == "__main__":
    main()
