"""Times `avr scan` against pip-audit on the same 200 pins and the same records, and compares their findings.

    python benchmarks/scan/run.py DATA [RUNS]

DATA holds OSV records as `<ecosystem>/all.zip`. pip-audit is installed into a throw-away folder and asks a loopback
server; it resolves nothing (`--no-deps --disable-pip`). Prints Markdown.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version

sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks.scan.osv_server import Record, load, normal, serving

LINES = 200
VULNERABLE = 120
COMMON = """
    attrs==23.1.0 black==24.3.0 boto3==1.34.0 botocore==1.34.0 cachetools==5.3.2 cffi==1.16.0
    charset-normalizer==3.3.2 click==8.1.7 colorama==0.4.6 coverage==7.4.0 decorator==5.1.1 distlib==0.3.8
    docutils==0.20.1 execnet==2.0.2 filelock==3.13.1 fsspec==2023.12.2 google-auth==2.26.1 greenlet==3.0.3
    grpcio-status==1.60.0 idna==3.6 importlib-metadata==7.0.1 iniconfig==2.0.0 isodate==0.6.1 itsdangerous==2.1.2
    jmespath==1.0.1 jsonschema==4.20.0 markdown-it-py==3.0.0 markupsafe==2.1.3 more-itertools==10.1.0 msgpack==1.0.7
    mypy-extensions==1.0.0 numpy==1.26.3 oauthlib==3.2.2 packaging==23.2 pandas==2.1.4 pathspec==0.12.1
    platformdirs==4.1.0 pluggy==1.3.0 psutil==5.9.7 pyasn1==0.5.1 pycparser==2.21 pyparsing==3.1.1 pytest==7.4.4
    python-dateutil==2.8.2 pytz==2023.3 regex==2023.12.25 s3transfer==0.10.0 scipy==1.11.4 six==1.16.0 sniffio==1.3.0
    soupsieve==2.5 tabulate==0.9.0 tomli==2.0.1 typing-extensions==4.9.0 tzdata==2023.4 websocket-client==1.7.0
    wrapt==1.16.0 yarl==1.9.4
"""
"""Widely used packages, as pinned at the start of 2024; whether advisories name them does not matter."""


def main(data: Path, runs: int) -> None:
    """Print the table and the differences; the two are timed in turn, so that a busy machine slows both."""
    with tempfile.TemporaryDirectory(prefix="avr-bench-scan-") as name:
        folder = Path(name)
        records = load(data)
        pins = folder / "requirements.txt"
        pins.write_text("\n".join(_pins(records)) + "\n")
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"} | {
            "AVR_HOME": str(folder / "home"),
            "HOME": name,
            "XDG_CACHE_HOME": name,
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),  # both run compiled, as an installed program does
        }
        avr = [str(Path(sys.executable).parent / "avr")]
        filling = _timed([*avr, "feed", "import", str(data)], environment)[0]
        with serving(records) as url:
            commands = ([*avr, "scan", str(pins), "--format", "json"], _pip_audit(folder, pins, url))
            (own, other) = [_timed(each, environment)[1] for each in commands]
            seconds = [[_timed(each, environment)[0] for each in commands] for _ in range(runs)]
        ours, theirs = map(statistics.median, zip(*seconds, strict=True))
        _print(ours, theirs, filling, json.loads(own), json.loads(other))


def _pins(records: dict[str, list[Record]]) -> list[str]:
    """The newest affected version of every nth vulnerable package, its first fixed one for others, and common names."""
    candidates = [pair for name in sorted(records) if (pair := _versions(records[name])) is not None]
    names = {name for name, _, _ in candidates}
    common = [each for each in COMMON.split() if each.partition("==")[0] not in names]
    wanted = LINES - len(common)
    chosen = candidates[:: len(candidates) // wanted][:wanted]
    pins = [f"{name}=={affected if at < VULNERABLE else fixed}" for at, (name, affected, fixed) in enumerate(chosen)]
    return sorted(pins + common)


def _versions(records: Sequence[Record]) -> tuple[str, str, str] | None:
    """A package's name, an affected and a fixed version; None where a bound is no version, on which pip-audit fails."""
    bounds = [event[kind] for each in records for event in _events(each) for kind in event]
    listed = [version for each in records for part in each["affected"] for version in part.get("versions", [])]
    fixed = [event["fixed"] for each in records for event in _events(each) if "fixed" in event]
    try:
        [Version(each) for each in bounds]
        return normal(records[0]["affected"][0]["package"]["name"]), max(listed, key=Version), max(fixed, key=Version)
    except (InvalidVersion, ValueError):
        return None


def _events(record: Record) -> list[dict[str, str]]:
    ranges = [each for part in record["affected"] for each in part.get("ranges", []) if each["type"] != "GIT"]
    return [event for each in ranges for event in each["events"]]


def _pip_audit(folder: Path, pins: Path, url: str) -> list[str]:
    uv = str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder / "venv")], check=True)
    python = str(folder / "venv" / "bin" / "python")
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "pip-audit"], check=True)
    options = [
        "--no-deps",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "--format",
        "json",
        "--cache-dir",
        str(folder),
    ]
    return [str(folder / "venv" / "bin" / "pip-audit"), "-r", str(pins), "-s", "osv", "--osv-url", url, *options]


def _timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in {0, 1} or not done.stdout:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr}")
    return seconds, done.stdout


def _print(ours: float, theirs: float, filling: float, own: Record, other: Record) -> None:
    mine = {(each["name"], frozenset((each["id"], *each["aliases"]))) for each in own["findings"]}
    yours = {
        (normal(each["name"]), frozenset((vulnerability["id"], *vulnerability["aliases"])))
        for each in other["dependencies"]
        for vulnerability in each.get("vulns", [])
    }
    missed = [each for each in yours if not any(each[0] == name and each[1] & ids for name, ids in mine)]
    extra = [each for each in mine if not any(each[0] == name and each[1] & ids for name, ids in yours)]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print("| date | machine | commit | pins | import | avr scan | pip-audit | ratio | findings (avr, other) | only |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    print(
        f"| {datetime.now(UTC):%Y-%m-%d} | {os.cpu_count()} cores, Python {platform.python_version()} "
        f"| {commit.stdout.strip()} | {own['components']} | {filling:.2f} s | {ours:.2f} s | {theirs:.2f} s "
        f"| {theirs / ours:.1f} | {len(mine)} / {len(yours)} | {len(extra)} / {len(missed)} |"
    )
    for label, pairs in (("only pip-audit", missed), ("only avr", extra)):
        for name, ids in sorted(pairs, key=lambda each: (each[0], sorted(each[1]))):
            print(f"- {label}: {name} {' '.join(sorted(ids))}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with OSV records as <ecosystem>/all.zip")
    parser.add_argument("runs", type=int, nargs="?", default=5, help="how often each side runs, in turn")
    arguments = parser.parse_args()
    main(arguments.data, arguments.runs)
