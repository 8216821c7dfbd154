"""Runs hostile packages of ours as `avr fix` runs a suite, and says of each whether it was contained and told.

Each case is a test module that tries to get out, to spoil something, or to lie about its result; a test that passes is
an attempt that worked. Beside what the run reports, the host is looked at: a secret, listeners, the folders that later
runs use, and processes.
"""

import argparse
import ast
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from avr import config
from avr.ecosystems.interface import Pin, TestRequest
from avr.ecosystems.pypi.bench import PyPIBench, prepare
from avr.ecosystems.pypi.index_config import load as load_index
from avr.ecosystems.pypi.registry import PyPIRegistry
from avr.model.component import Component
from avr.model.evidence import TestRun, TestStatus
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree
from avr.tools import sandbox
from avr.tools.blobs import BlobStore
from benchmarks.hostile import watch

CASES = Path(__file__).parent / "cases"
SECONDS = 20
MEMORY, DISK = 512 << 20, 128 << 20
SETUP = "from setuptools import setup\n\nsetup(name='avr-hostile', version='1.0', py_modules=['hostile'])\n"
LARGEST_LOG = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one case ended: `told` is what the run reports, `trouble` what got out; `seconds` is wall time."""

    name: str
    tries: str
    ends: str
    told: str
    trouble: tuple[str, ...]
    seconds: float

    @property
    def contained(self) -> bool:
        """Nothing got out, and the run tells what it had to tell."""
        return not self.trouble


def names() -> list[str]:
    """All cases."""
    return sorted(path.stem for path in CASES.glob("*.py"))


def bench(settings: config.Settings) -> PyPIBench:
    """One bench for all cases; they need nothing but pytest."""
    component = Component(ecosystem=EcosystemName.PYPI, name="avr-hostile", version="1.0")
    pin = Pin(
        component=component,
        tree=_tree(b"def test_nothing():\n    pass\n", "", {}),
        sdist=None,
        wheel=None,
        released=None,
    )
    limited = config.Settings(
        home=settings.home, cache=settings.cache, sandbox_memory=MEMORY, sandbox_disk=DISK, git=False
    )
    return prepare(pin, None, settings=limited, registry=PyPIRegistry(settings.cache, load_index()))


def run_case(name: str, on: PyPIBench) -> Row:
    """Run one case twice, as the unpatched and the patched tree would be, and look around."""
    assert on.runner is not None, on.problem
    source = (CASES / f"{name}.py").read_bytes()
    ends = _literal(source, "ENDS")
    with watch.baited() as host:
        folders = (on.runner.environment.folder, on.runner.meta)
        before = [watch.fingerprint(each) for each in folders]
        tree = _tree(source, f"_{host.marker}", host.known)
        request = TestRequest(paths=(f"tests/test_hostile_{host.marker}.py",), seconds=SECONDS)
        runs = [on.run(tree, {}, request) for _ in range(2)]
        blobs = BlobStore(on.settings.cache / "blobs")
        logs = [blobs.get(run.log) for run in runs if run.log is not None]
        trouble = [each for log in logs for each in host.trouble(log)]
        trouble += [f"an output of {len(log)} bytes" for log in logs if len(log) > LARGEST_LOG]
        trouble += (
            ["later runs see a changed environment"] if before != [watch.fingerprint(each) for each in folders] else []
        )
    trouble += [each for run in runs for each in _untold(ends, run)]
    return Row(
        name=name,
        tries=(ast.get_docstring(ast.parse(source)) or "").split("\n")[0],
        ends=ends,
        told="; ".join(dict.fromkeys(_told(run) for run in runs)),
        trouble=tuple(dict.fromkeys(trouble)),
        seconds=round(sum(run.seconds for run in runs), 1),
    )


def _untold(ends: str, run: TestRun) -> list[str]:
    """What the run ought to have told and did not."""
    passed = [test.rpartition("::")[2] for test, status in run.results.items() if status is TestStatus.PASSED]
    wrong = {
        "refused": passed,
        "limit": ["an attempt worked and no limit is told"] if passed and not run.problem else [],
        "no results": [] if run.problem and not run.results else ["results are told"],
        "tampered": [] if run.problem.startswith("tampered") else ["the lie is believed"],
        "contained": [],
    }[ends]
    late = [f"ended after {run.seconds:.0f} s"] if run.seconds > SECONDS + 15 else []
    return [*(f"an attempt worked: {each}" if ends == "refused" else each for each in wrong), *late]


def _told(run: TestRun) -> str:
    if run.problem:
        return run.problem.partition(":")[0] if run.problem.startswith("tampered") else run.problem
    failed = sum(status is not TestStatus.PASSED for status in run.results.values())
    return f"{failed} of {len(run.results)} attempts failed"


def _tree(source: bytes, suffix: str, known: dict[str, object]) -> SourceTree:
    files = {
        "setup.py": SETUP.encode(),
        "PKG-INFO": b"Metadata-Version: 2.1\nName: avr-hostile\nVersion: 1.0\n",
        "hostile.py": b"",
        "hostile.json": json.dumps(known).encode(),
        f"tests/test_hostile{suffix}.py": source,
    }
    return SourceTree(files=files)


def _literal(source: bytes, name: str) -> str:
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return str(ast.literal_eval(node.value))
    raise AssertionError(f"no {name}")


def main() -> int:
    """Run what is asked for; 1 where something was not contained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="names of cases; all without any")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args()
    on = bench(config.load())
    if on.problem:
        print(f"nothing can run here: {on.problem}", file=sys.stderr)
        return 3
    rows = []
    for name in arguments.cases or names():
        rows.append(run_case(name, on))
        print(f"{name}: {'contained' if rows[-1].contained else 'NOT CONTAINED'}", file=sys.stderr)
    if arguments.format == "json":
        print(json.dumps([asdict(each) for each in rows], indent=1))
    else:
        print("| case | what it tries | told | |\n| --- | --- | --- | --- |")
        for each in rows:
            end = "contained" if each.contained else f"NOT CONTAINED: {'; '.join(each.trouble)}"
            print(f"| {each.name} | {each.tries} | {each.told} | {end} |")
        print(f"\n{sum(each.contained for each in rows)} of {len(rows)} contained, in {sandbox.facts()['sandbox']}")
    return 0 if all(each.contained for each in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
