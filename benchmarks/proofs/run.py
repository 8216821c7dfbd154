"""Shows each exploit of the library to fire on an affected release and to be blocked on the fixed one.

Both releases come from the package index, as they are; each runs twice in the sandbox.
"""

import argparse
import os
import sys
import tempfile

from avr import config
from avr.app.wiring import wire
from avr.ecosystems.interface import Pin, TestRequest
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


class Bench:
    """Runs exploits against releases."""

    def __init__(self, settings: config.Settings) -> None:
        self._settings = settings
        self._registry = PyPIRegistry(settings.cache, load_index())
        self._ecosystem = wire(settings).ecosystem

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

    def said(self, run: TestRun) -> str:
        """The output of a run."""
        return BlobStore(self._settings.cache / "blobs").get(run.log).decode(errors="replace") if run.log else ""


def verdict(runs: list[TestRun]) -> str:
    """One word where all runs agree."""
    words = {_WORDS.get(status, "inconclusive") for run in runs for status in run.results.values()}
    return words.pop() if len(words) == 1 else "differs" if words else "not run"


def row(bench: Bench, exploit: Exploit, *, verbose: bool) -> bool:
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
            print(f"--- {version} {run.problem}\n{bench.said(run)}", file=sys.stderr)
    cwe = " ".join(exploit.cwe)
    print(
        f"| {exploit.package} | {exploit.vulnerability} | {cwe} | {exploit.signal} | {' | '.join(cells)} |", flush=True
    )
    return found == ["fires", "blocked"]


def main() -> None:
    """Print one row per exploit and end with exit code 1 where one is not shown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of file names; all exploits where none is given")
    parser.add_argument("--verbose", action="store_true", help="print what each run said")
    options = parser.parse_args()
    scratch = os.environ.get("AVR_CACHE") or tempfile.mkdtemp(prefix="avr-proofs-")
    bench = Bench(config.load({**os.environ, "AVR_CACHE": scratch}))
    chosen = [
        each
        for each in library.everything("pypi")
        if not options.names or any(part in each.name for part in options.names)
    ]
    print("| package | vulnerability | CWE | signal | before | after |\n| --- | --- | --- | --- | --- | --- |")
    shown = [row(bench, each, verbose=options.verbose) for each in chosen]
    classes = {cwe for each in chosen for cwe in each.cwe}
    print(f"\n{sum(shown)} of {len(shown)} exploits fire before and are blocked after, over {len(classes)} CWE classes")
    sys.exit(0 if all(shown) else 1)


if __name__ == "__main__":
    main()
