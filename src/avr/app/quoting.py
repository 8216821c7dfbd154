"""Proof-of-concept code in advisories' texts: found for a finding, and calibrated before it may judge a patch."""

import re
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from avr.ecosystems.interface import Bench, FixedRelease, Pin
from avr.ecosystems.pypi import suite
from avr.errors import AvrError
from avr.model.evidence import Evidence
from avr.model.exploit import Exploit
from avr.model.finding import Finding
from avr.model.identifiers import AdvisoryId, Digest, EcosystemName
from avr.proofs import quoted
from avr.proofs.quoted import Quotation
from avr.stages.plan.kinds import packages_of
from avr.stages.validate import quotations
from avr.stages.validate.quotations import Calibrated, Ground

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
"""What a vulnerability must be called to become a file's name; a record's id is a stranger's text."""
_NO_PACKAGE = frozenset({"setup", "test", "tests", "conftest", "docs", "examples"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What an advisory's text gave: the one program that may judge, or the evidence that says why none may."""

    calibrated: Calibrated | None = None
    evidence: Evidence | None = None

    @property
    def exploits(self) -> tuple[Exploit, ...]:
        """The program, where it may judge."""
        return (self.calibrated.exploit,) if self.calibrated and self.calibrated.exploit else ()


def found(finding: Finding, pin: Pin) -> tuple[Quotation, ...]:
    """The programs in the texts of a finding's advisory that import the package; none outside PyPI."""
    advisory = finding.advisory
    if finding.component.ecosystem != EcosystemName.PYPI or not advisory.code or not _NAME.fullmatch(finding.id):
        return ()
    links = [each.url for each in advisory.references if any(name in each.url for name in advisory.ids)]
    references = tuple(dict.fromkeys([*(str(each.record) for each in advisory.code), *links[:3]]))
    return tuple(
        Quotation(
            vulnerability=str(finding.id),
            package=finding.component.name,
            cwe=advisory.cwes or ("CWE-unknown",),
            references=references,
            code=code,
            modules=quoted.modules(code),
        )
        for code in quoted.programs([each.text for each in advisory.code], packages(pin))
    )


def packages(pin: Pin) -> tuple[str, ...]:
    """The top names by which a pin is imported, lower-case."""
    names = {each.lower() for each in suite.layout(pin.tree).names} | packages_of(pin.tree, pin.component.name)
    return tuple(sorted(names - _NO_PACKAGE))


def tried(
    bench: Bench,
    pin: Pin,
    finding: Finding,
    fixed: FixedRelease | None,
    programs: Sequence[Quotation],
    executor: Executor,
) -> Quoted:
    """Calibrate the programs one after the other until one may judge; nothing is said where nothing can run."""
    if bench.problem is not None or fixed is None or not programs:
        return Quoted()
    tree = fixed.tree()
    if tree is None:
        return Quoted()
    versions = (pin.component.version, fixed.version)
    ground = Ground(pinned=pin.tree, fixed=tree, versions=versions, packages=packages(pin))
    failed: list[Calibrated] = []
    for each in programs:
        try:
            shown = quotations.calibrate(bench, ground, each, executor)
        except AvrError as error:
            if error.code != "proofs.malformed":
                raise
            continue
        if shown.exploit is not None:
            return Quoted(calibrated=shown)
        failed.append(shown)
    return Quoted(evidence=quotations.evidence(finding.id, failed, versions)) if failed else Quoted()


def told(
    evidence: Sequence[Evidence], quoted: Mapping[AdvisoryId, Quoted], ported: Collection[AdvisoryId]
) -> tuple[Evidence, ...]:
    """The evidence with what the advisories' texts gave: outputs of calibrations, and why none may judge."""
    mine = [(name, each) for name, each in quoted.items() if name in ported]
    by_program = {each.calibrated.program.digest: each.calibrated for _, each in mine if each.calibrated}
    known = (
        quotations.told(each, by_program[Digest(str(each.facts.get("digest")))])
        if each.facts.get("digest") in by_program
        else each
        for each in evidence
    )
    return (*known, *(each.evidence for _, each in mine if each.evidence))
