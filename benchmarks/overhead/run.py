"""Times `avr fix` on one component against the runs of its test suite that the gates need.

The peer is the suite itself: the wall seconds of every run that the evidence holds, as if they were run one after the
other by hand. `suite` are the runs of G3 to G5; `watched` are the runs that record and replay calls (G6) and the trials
without single hunks and with mutants (G5N), by the wall time that their evidence tells. `ratio` is to `suite` alone,
`to all` is to both. `cold` has downloads and the environment yet to make, `warm` has them, `again` repeats the same
question.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PINS = ("pkg:pypi/mako@1.2.1", "pkg:pypi/werkzeug@2.2.2", "pkg:pypi/flask@2.3.1")
LIMIT = 1.3
AGAIN_SECONDS = 3.0


def fix(purl: str, output: Path, environment: dict[str, str], *options: str) -> float:
    """Wall seconds of one `avr fix`."""
    command = [sys.executable, "-m", "avr", "fix", purl, "--output", str(output), "--format", "json", *options]
    start = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode not in {0, 1}:
        sys.exit(done.stderr.decode(errors="replace"))
    return time.monotonic() - start


def suite_seconds(output: Path) -> tuple[float, int, float]:
    """The seconds of all test runs in the report, each counted once, how many there were, and those of G6 and G5N."""
    runs: dict[str, float] = {}
    watched = 0.0
    for component in json.loads((output / "report.json").read_text())["item"]["components"]:
        for evidence in component["evidence"]:
            for side in ("before", "after"):
                for number, run in enumerate(evidence[side]):
                    runs[json.dumps([side, number, run["command"], run["log"], run["seconds"]])] = run["seconds"]
        watched += max((each["facts"].get("observed_seconds", 0) for each in component["evidence"]), default=0)
        watched += sum(each["facts"].get("seconds", 0) for each in component["evidence"] if each["gate"] == "G5N")
    return sum(runs.values()), len(runs), watched


def main() -> None:
    """Print one row per pin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pins", nargs="*", default=PINS)
    pins = parser.parse_args().pins
    print("| pin | runs | suite, s | watched, s | cold, s | warm, s | ratio | to all | again, s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for purl in pins:
        folder = Path(tempfile.mkdtemp(prefix="avr-overhead-"))
        environment = {**os.environ, "AVR_HOME": str(folder / "home"), "AVR_CACHE": str(folder / "cache")}
        output = folder / "out"
        cold = fix(purl, output, environment)
        shutil.rmtree(folder / "cache" / "runs", ignore_errors=True)
        warm = fix(purl, output, environment, "--refresh")
        suite, count, watched = suite_seconds(output)
        again = fix(purl, output, environment)
        ratios = f"{warm / suite:.2f} | {warm / (suite + watched):.2f}"
        row = f"{count} | {suite:.1f} | {watched:.1f} | {cold:.1f} | {warm:.1f} | {ratios} | {again:.2f}"
        print(f"| {purl} | {row} |", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\nMust be: warm ratio to all runs at most {LIMIT}, again under {AGAIN_SECONDS} s.")


if __name__ == "__main__":
    main()
