"""Counts the advisories whose text has Python code that imports the package, and calibrates it on real releases.

DATA is a folder or archive of OSV records, as `avr feed import` takes it. The pin is the last affected release; it and
the first fixed one come from the registry, as they are. Prints the table of RESULTS.md.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

from packaging.utils import canonicalize_name

from avr import config
from avr.advisories import bucket, osv
from avr.app import quoting
from avr.app.wiring import wire
from avr.ecosystems.interface import Ecosystem, Equipment, FixedRelease, Pin, TestRequest
from avr.ecosystems.pypi.exploit import Prover
from avr.ecosystems.pypi.exploit_bench import provers
from avr.ecosystems.pypi.index_config import load as load_index
from avr.ecosystems.pypi.registry import PyPIRegistry
from avr.ecosystems.pypi.versions import parse as version_of
from avr.errors import AvrError
from avr.model.advisory import Advisory
from avr.model.component import Component
from avr.model.evidence import TestRun
from avr.model.finding import Finding
from avr.model.identifiers import EcosystemName
from avr.model.source import SourceTree
from avr.stages.find.decide import affects, fixed_in
from avr.stages.plan.finder import nearest_fixed


@dataclass(frozen=True, slots=True)
class ProverBench:
    """The part of a bench that runs programs."""

    prover: Prover
    problem: str | None = None

    @property
    def facts(self) -> Mapping[str, str]:
        """The interpreter."""
        return {"interpreter": str(self.prover.environment.interpreter)}

    def run(self, tree: SourceTree, tests: Mapping[str, bytes], request: TestRequest) -> TestRun:
        """One run of the program."""
        del tests
        assert request.exploit is not None
        return self.prover.run(tree, request.exploit)

    def equipment(self, tree: SourceTree, tests: Mapping[str, bytes]) -> Equipment | None:
        """Nothing goes into a capsule here."""
        del tree, tests
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one advisory's code."""

    package: str
    vulnerability: str
    versions: str
    programs: int
    result: str


def read(data: str) -> list[Advisory]:
    """The advisories about PyPI packages that are not withdrawn; records that cannot be read are left out."""
    found = []
    for raw in bucket.read_bucket(data):
        try:
            advisory = osv.parse(raw.body, "benchmark")
        except AvrError:
            continue
        if advisory.withdrawn is None and any(each.ecosystem == EcosystemName.PYPI for each in advisory.affected):
            found.append(advisory)
    return found


def row(advisory: Advisory, ecosystem: Ecosystem, settings: config.Settings, executor: Executor) -> Row:
    """Calibrate the code of one advisory on its last affected and its first fixed release."""
    package = str(canonicalize_name(advisory.affected[0].name))
    found = Row(package=package, vulnerability=str(advisory.name), versions="-", programs=0, result="")
    try:
        pin, finding, fixed = _pair(advisory, package, ecosystem)
        programs = quoting.found(finding, pin)
        versions = f"{pin.component.version} / {fixed.version}"
        if not programs:
            return replace(found, versions=versions, result="no code that imports the package")
        registry = PyPIRegistry(settings.cache, load_index())
        result = "no environment"
        for prover in islice(provers(pin, settings=settings, registry=registry), 2):
            tried = quoting.tried(ProverBench(prover), pin, finding, fixed, programs, executor)
            if tried.calibrated and tried.calibrated.exploit:
                result = f"**{tried.calibrated.exploit.signal.value}**"
                break
            result = tried.evidence.summary.partition("inconclusive: ")[2] if tried.evidence else "no fixed release"
        return replace(found, versions=versions, programs=len(programs), result=result)
    except AvrError as error:
        return replace(found, result=f"{error.message[:120]} [{error.code}]")


def _pair(advisory: Advisory, package: str, ecosystem: Ecosystem) -> tuple[Pin, Finding, FixedRelease]:
    versions = [each.version for each in ecosystem.registry.releases(package)]
    stable = [each for each in versions if (known := version_of(each)) is not None and not known.is_prerelease]
    affected = [each for each in stable if affects(advisory, EcosystemName.PYPI, package, each)]
    if not affected:
        raise AvrError("benchmark.no-release", "no release on the registry is affected")
    component = Component(ecosystem=EcosystemName.PYPI, name=package, version=affected[-1])
    closing = fixed_in(advisory, EcosystemName.PYPI, package, affected[-1])
    finding = Finding(component=component, advisory=advisory, why="affected", fixed_in=closing)
    first = nearest_fixed(finding, component.version)
    if first is None:
        raise AvrError("benchmark.no-fix", "no release is called fixed")
    release = ecosystem.pin(replace(component, version=first)).tree
    return ecosystem.pin(component), finding, FixedRelease(version=first, tree=lambda: release)


def main() -> None:
    """Print the counts and one row for each advisory with code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="OSV records: a folder, an archive or one record")
    parser.add_argument("--only", nargs="*", default=[], help="packages; all where none is given")
    options = parser.parse_args()
    scratch = os.environ.get("AVR_CACHE") or tempfile.mkdtemp(prefix="avr-quoted-")
    settings = config.load({**os.environ, "AVR_CACHE": scratch})
    advisories = read(options.data)
    coded = [each for each in advisories if each.code]
    print(f"{len(advisories)} advisories, {len(coded)} of them with code that may be Python\n")
    print("| package | vulnerability | last affected / first fixed | programs | result |")
    print("| --- | --- | --- | --- | --- |")
    ecosystem, rows = wire(settings).kit(EcosystemName.PYPI).ecosystem, []
    with ThreadPoolExecutor(2) as executor:
        for each in sorted(coded, key=lambda one: (one.affected[0].name.lower(), one.name)):
            if options.only and str(canonicalize_name(each.affected[0].name)) not in options.only:
                continue
            rows.append(row(each, ecosystem, settings, executor))
            print("| " + " | ".join(str(getattr(rows[-1], part)) for part in Row.__slots__) + " |", flush=True)
    programs, calibrated = (sum(test(each) for each in rows) for test in (_has_program, _is_calibrated))
    print(f"\n{len(rows)} tried, {programs} with a program, {calibrated} calibrated")


def _has_program(found: Row) -> bool:
    return found.programs > 0


def _is_calibrated(found: Row) -> bool:
    return found.result.startswith("**")


if __name__ == "__main__":
    try:
        main()
    except AvrError as problem:
        sys.exit(f"error[{problem.code}]: {problem}")
