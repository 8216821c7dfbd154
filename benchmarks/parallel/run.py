"""Times one `avr fix` of many pins with one component at a time, and with two.

A first run, which does not count, makes the environments and downloads; before each timed run everything is forgotten
that would save it work: test runs, outcomes and releases. `one core` is one component at a time on a single core.
All runs must end in the same states.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PINS = ("mako==1.2.1", "flask==2.3.1", "bleach==3.2.3", "werkzeug==2.2.2", "restrictedpython==6.1", "waitress==2.1.0",
    "mechanize==0.4.5", "pyjwt==2.3.0", "tlslite-ng==0.7.5", "django-filter==2.3.0", "requests==2.30.0",
    "b2sdk==1.14.0", "cairosvg==2.6.0", "markdown-it-py==2.1.0", "pygments==2.7.3", "feedgen==0.8.0", "sqlparse==0.4.3",
    "jinja2==2.11.2", "wsgidav==4.0.2", "urllib3==1.26.4")  # fmt: skip
_FORGOTTEN = ("out", "home/releases", "cache/runs", "cache/outcomes")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run: how many components at once, and on how many cores (None: all that there are)."""

    name: str
    jobs: int
    cores: int | None = None


WAYS = (Way("one core", 1, 1), Way("one worker", 1), Way("two workers", 2))


def fix(folder: Path, way: Way, environment: Mapping[str, str]) -> tuple[float, dict[str, str]]:
    """Wall seconds of one `avr fix` of the requirements in `folder`, and the state of each finding."""
    output = folder / "out"
    for each in _FORGOTTEN:
        shutil.rmtree(folder / each, ignore_errors=True)
    command = [sys.executable, "-m", "avr", "fix", str(folder / "requirements.txt"), "--dry-run"]
    cores = sorted(os.sched_getaffinity(0))[: way.cores] if way.cores else sorted(os.sched_getaffinity(0))
    start = time.monotonic()
    done = subprocess.run(
        [*command, "--output", str(output), "--format", "json"],
        env={**environment, "AVR_JOBS": str(way.jobs)},
        capture_output=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    seconds = time.monotonic() - start
    if done.returncode not in {0, 1}:
        sys.exit(done.stderr.decode(errors="replace"))
    return seconds, states(output / "report.json")


def states(report: Path) -> dict[str, str]:
    """The state of each finding by package and vulnerability."""
    components = json.loads(report.read_text())["item"]["components"]
    return {
        f"{each['component']['name']} {found['finding']['advisory']['id']}": found["state"]
        for each in components
        for found in each["findings"]
    }


def differing(found: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Findings that did not end in the same state in all runs, each with its states by the way's name."""
    keys = sorted({key for each in found.values() for key in each})
    told = {key: {way: each.get(key, "missing") for way, each in found.items()} for key in keys}
    return [f"{key}: {by_way}" for key, by_way in told.items() if len(set(by_way.values())) > 1]


def main() -> None:
    """Print one row for each way and end with exit code 1 where states differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pins", nargs="*", default=PINS, help="pins such as mako==1.2.1; no package twice")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="avr-parallel-") as scratch:
        folder = Path(scratch)
        (folder / "requirements.txt").write_text("".join(f"{each}\n" for each in options.pins))
        environment = {**os.environ, "AVR_HOME": str(folder / "home"), "AVR_CACHE": str(folder / "cache")}
        warming, _ = fix(folder, WAYS[-1], environment)
        print(
            f"{len(options.pins)} pins; the first run, which made the environments, took {warming:.0f} s\n", flush=True
        )
        print("| | components at once | wall seconds | to one core | to one worker |\n| --- | --- | --- | --- | --- |")
        seconds, found = {}, {}
        for way in WAYS:
            seconds[way.name], found[way.name] = fix(folder, way, environment)
            ratios = [
                seconds[each] / seconds[way.name] if each in seconds else 0.0 for each in ("one core", "one worker")
            ]
            told = " | ".join(f"{each:.2f}" if each else "" for each in ratios)
            print(f"| {way.name} | {way.jobs} | {seconds[way.name]:.1f} | {told} |", flush=True)
    problems = differing(found)
    print(f"\n{len(found[WAYS[-1].name])} findings, {len(problems)} of them in another state in another run")
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
