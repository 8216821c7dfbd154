"""Shows each exploit of the library to fire on an affected release and to be blocked on the fixed one.

Both releases come from the ecosystem's registry, as they are; each runs twice in the sandbox.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from typing import Protocol

from avr import config
from avr.app.wiring import wire
from avr.ecosystems.interface import Pin, TestRequest
from avr.ecosystems.npm import exploit as npm_exploit
from avr.ecosystems.npm import npm_config
from avr.ecosystems.npm import source as npm_source
from avr.ecosystems.npm.registry import NpmRegistry
from avr.ecosystems.pypi.exploit_bench import provers
from avr.ecosystems.pypi.index_config import load as load_index
from avr.ecosystems.pypi.registry import PyPIRegistry
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.evidence import TestRun, TestStatus
from avr.model.exploit import Exploit
from avr.model.identifiers import EcosystemName
from avr.proofs import library
from avr.tools.blobs import BlobStore

RUNS = 2
_WORDS = {TestStatus.FAILED: "fires", TestStatus.PASSED: "blocked"}


class Bench(Protocol):
    """Runs exploits against releases of one ecosystem."""

    def on(self, exploit: Exploit, version: str) -> tuple[str, list[TestRun]]:
        """What ran the program on this release, and the runs."""
        ...


class PyPIBench:
    """Runs exploits on the interpreters that suit a release."""

    def __init__(self, settings: config.Settings) -> None:
        self._settings = settings
        self._registry = PyPIRegistry(settings.cache, load_index())
        self._ecosystem = wire(settings).kit(EcosystemName.PYPI).ecosystem

    def on(self, exploit: Exploit, version: str) -> tuple[str, list[TestRun]]:
        """The interpreter on which the program comes to a verdict, else the last one tried, and the runs there."""
        component = Component(ecosystem=EcosystemName.PYPI, name=exploit.package, version=version)
        pin = self._ecosystem.pin(component)
        tried: tuple[str, list[TestRun]] = ("-", [])
        for number, prover in enumerate(provers(pin, settings=self._settings, registry=self._registry)):
            tried = (str(prover.environment.interpreter), [prover.run(pin.tree, exploit) for _ in range(RUNS)])
            if number == 2 or not any(run.problem for run in tried[1]):
                break
        return tried if tried[1] and not any(run.problem for run in tried[1]) else self._on_full_bench(exploit, pin)

    def _on_full_bench(self, exploit: Exploit, pin: Pin) -> tuple[str, list[TestRun]]:
        """Runs where the pin's tests would run, which also has what the release needs without declaring it."""
        bench = self._ecosystem.bench(pin, None)
        request = TestRequest(seconds=exploit.seconds, exploit=exploit)
        return bench.facts.get("interpreter", "-"), [bench.run(pin.tree, {}, request) for _ in range(RUNS)]


class NpmBench:
    """Runs exploits by the node of the machine."""

    def __init__(self, settings: config.Settings) -> None:
        self._settings = settings
        self._config = npm_config.load()
        self._registry = NpmRegistry(settings.cache, self._config)

    def on(self, exploit: Exploit, version: str) -> tuple[str, list[TestRun]]:
        """The runs on one release."""
        component = Component(ecosystem=EcosystemName.NPM, name=exploit.package, version=version)
        pin = npm_source.pin(component, self._registry)
        made = npm_exploit.prover(pin, settings=self._settings, config=self._config)
        return "node", [made.run(pin.tree, exploit) for _ in range(RUNS)]


BENCHES: dict[str, Callable[[config.Settings], Bench]] = {"pypi": PyPIBench, "npm": NpmBench}


def verdict(runs: list[TestRun]) -> str:
    """One word where all runs agree."""
    words = {_WORDS.get(status, "inconclusive") for run in runs for status in run.results.values()}
    return words.pop() if len(words) == 1 else "differs" if words else "not run"


def said(run: TestRun, settings: config.Settings) -> str:
    """The output of a run."""
    return BlobStore(settings.cache / "blobs").get(run.log).decode(errors="replace") if run.log else ""


def row(bench: Bench, exploit: Exploit, settings: config.Settings, *, verbose: bool) -> bool:
    """Print the line of one exploit; whether it fires before and is blocked after."""
    found, cells = [], []
    for version in exploit.shown:
        try:
            python, runs = bench.on(exploit, version)
        except AvrError as error:
            python, runs = f"{error.code}: {error.message[:80]}", []
        found.append(verdict(runs))
        seconds = max((run.seconds for run in runs), default=0.0)
        cells.append(f"{version}: {found[-1]} ({python}, {seconds:.1f} s)")
        for run in runs if verbose and verdict(runs) not in ("fires", "blocked") else ():
            print(f"--- {version} {run.problem}\n{said(run, settings)}", file=sys.stderr)
    cwe = " ".join(exploit.cwe)
    print(
        f"| {exploit.package} | {exploit.vulnerability} | {cwe} | {exploit.signal} | {' | '.join(cells)} |", flush=True
    )
    return found == ["fires", "blocked"]


def main() -> None:
    """Print one row per exploit and end with exit code 1 where one is not shown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of file names; all exploits where none is given")
    parser.add_argument("--ecosystem", choices=[*BENCHES, "all"], default="all")
    parser.add_argument("--verbose", action="store_true", help="print what each run said")
    options = parser.parse_args()
    scratch = os.environ.get("AVR_CACHE") or tempfile.mkdtemp(prefix="avr-proofs-")
    settings = config.load({**os.environ, "AVR_CACHE": scratch})
    chosen = {
        ecosystem: [each for each in library.everything(ecosystem) if _wanted(each, options.names)]
        for ecosystem in BENCHES
        if options.ecosystem in (ecosystem, "all")
    }
    print("| package | vulnerability | CWE | signal | before | after |\n| --- | --- | --- | --- | --- | --- |")
    shown = [
        row(bench, each, settings, verbose=options.verbose)
        for ecosystem, exploits in chosen.items()
        if exploits
        for bench in [BENCHES[ecosystem](settings)]
        for each in exploits
    ]
    classes = {cwe for exploits in chosen.values() for each in exploits for cwe in each.cwe}
    print(f"\n{sum(shown)} of {len(shown)} exploits fire before and are blocked after, over {len(classes)} CWE classes")
    sys.exit(0 if all(shown) else 1)


def _wanted(exploit: Exploit, names: list[str]) -> bool:
    return not names or any(part in exploit.name for part in names)


if __name__ == "__main__":
    try:
        main()
    except AvrError as problem:
        sys.exit(f"error[{problem.code}]: {problem}")
