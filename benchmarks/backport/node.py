"""Suites of JavaScript projects: test files run one by one under Node, TAP or mocha's report read afterwards."""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks.backport.cases import Case

_TAP = re.compile(r"^(?P<indent> *)(?P<bad>not )?ok (?P<name>\d+.*)$")
_REQUIRED = re.compile(rb"require\(\s*['\"]((?:@[\w.-]+/)?[\w.-]+)")
_INSTALL = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps", "--loglevel=error")
_SCRIPT = """set -u
for file in "$@"; do
  echo "=== $file"
  if [ -n "$MOCHA" ]; then node node_modules/mocha/bin/_mocha --reporter json "$file"; else node "$file"; fi 2>&1
  echo
done
"""


def command(case: Case) -> tuple[str, ...]:
    """The command that runs the test files which hold the failing tests, in the project's folder."""
    assert case.expected.runnable is not None
    files = dict.fromkeys(name.split(":", 1)[0] for name in case.expected.runnable.fail_to_pass)
    return ("sh", "-c", _SCRIPT, "run", *files)


def environment(tree: Path) -> dict[str, str]:
    """The variables of a run."""
    return {"MOCHA": "1" if "mocha" in _wanted(tree) else "", "CI": "1", "PATH": "/usr/local/bin:/usr/bin:/bin"}


def results(output: str) -> dict[str, bool]:
    """Whether each test passed, by `file:name`; a name that comes twice must pass twice."""
    found: dict[str, bool] = {}
    for part in output.split("=== ")[1:]:
        file, _, text = part.partition("\n")
        for name, passed in (_mocha(text) or _tap(text)).items():
            found[f"{file}:{name}"] = passed
    return found


def install(tree: Path, cache: Path) -> Path:
    """The folder `node_modules` with what the project and its tests ask for, without running any install script."""
    wanted = _wanted(tree)
    key = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:24]
    folder = cache / key
    if not folder.is_dir():
        part = Path(tempfile.mkdtemp(dir=_made(cache), prefix=".part-"))
        part.chmod(0o755)
        (part / "package.json").write_text(json.dumps({"private": True, "dependencies": wanted}))
        subprocess.run(_INSTALL, cwd=part, check=True, capture_output=True, timeout=900)
        (part / "node_modules").mkdir(exist_ok=True)
        try:
            part.rename(folder)
        except OSError:
            shutil.rmtree(part)  # somebody else was faster
    return folder / "node_modules"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _wanted(tree: Path) -> dict[str, str]:
    """Dependencies, and of those for development the ones that the tests require, or that run them."""
    package = json.loads((tree / "package.json").read_text(encoding="utf-8"))
    used = {"mocha", "tap", "tape"}
    for path in (tree / "test").rglob("*.js"):
        used |= {name.decode() for name in _REQUIRED.findall(path.read_bytes())}
    development = {name: wish for name, wish in (package.get("devDependencies") or {}).items() if name in used}
    return {**(package.get("dependencies") or {}), **development}


def _mocha(text: str) -> dict[str, bool] | None:
    start = text.find('{\n  "stats"')
    if start < 0:
        return None
    try:
        report, _ = json.JSONDecoder().raw_decode(text[start:])
    except ValueError:
        return None
    failed = {each["fullTitle"] for each in report["failures"]}
    pending = {each["fullTitle"] for each in report.get("pending", ())}
    return {each["fullTitle"]: each["fullTitle"] not in failed for each in report["tests"]
            if each["fullTitle"] not in pending}  # fmt: skip


def _tap(text: str) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for line in text.splitlines():
        match = _TAP.match(line)
        if match is None or re.search(r"# (SKIP|TODO)\b", line, re.IGNORECASE):
            continue
        name = re.sub(r" # time=.*$| \{$", "", match["name"]).rstrip()
        name = match["indent"] + name.replace(" - ", " - ", 1)
        found[name] = found.get(name, True) and not match["bad"]
    return found
