"""A delivery of the tiny package, proved to A3, for tests of what is delivered and of how it is verified."""

from dataclasses import replace

from avr.ecosystems.interface import Ecosystem
from avr.model.assurance import assurance, lacking
from avr.model.component import Component
from avr.model.evidence import Evidence, Verdict
from avr.model.fix import ChangeKind, Fix
from avr.model.identifiers import Assurance, CommitId, Gate, State
from avr.model.report import ComponentReport, FindingReport, Report
from avr.stages.deliver.delivery import Delivery
from avr.testing import build, tiny
from avr.tools.blobs import digest_of

LOG = b"1 failed\n"


def evidence(*, security: Verdict = Verdict.PASSED) -> tuple[Evidence, ...]:
    """Evidence of the gates G0 to G3, and of G4 with the given verdict."""
    shared = [
        Evidence(gate=gate, verdict=Verdict.PASSED, summary=f"{gate} holds", facts={}, logs={})
        for gate in (Gate.APPLIES, Gate.SOUND, Gate.BUILDS, Gate.NO_REGRESSION)
    ]
    proof = Evidence(
        gate=Gate.SECURITY_TEST,
        advisory=build.CVE,
        verdict=security,
        summary="1 tests of the fix fail before and pass after",
        facts={"turned_green": [tiny.PASSING]},
        before=(replace(build.run(failed=[tiny.PASSING], exit_code=1), log=digest_of(LOG)),),
        after=(build.run(passed=[tiny.PASSING]),),
        logs={"before-1": digest_of(LOG)},
    )
    return (*shared, proof)


def fix() -> Fix:
    """The upstream fix of the tiny package."""
    code = build.change("src/thing/__init__.py", tiny.VULNERABLE, tiny.REPAIRED)
    made = build.fix(code, build.change("tests/test_thing.py", None, tiny.TEST, ChangeKind.TEST))
    return replace(
        made,
        commits=(CommitId("c" * 40),),
        origin_url="https://user:secret@example.invalid/thing/commit/" + "c" * 40,
        author="Ada Example <ada@example.invalid>",
        subject="Refuse parent folders",
    )


def finding(shown: tuple[Evidence, ...], state: State = State.FIXED) -> FindingReport:
    """The report of the one finding, its level computed from `shown`."""
    level = assurance(shown, build.CVE)
    missing = lacking(shown, build.CVE)
    return FindingReport(
        finding=build.finding(), state=state, assurance=level, missing=missing, code="fixed", why=f"backported, {level}"
    )


def delivery(ecosystem: Ecosystem, component: Component | None = None) -> Delivery:
    """A delivery of `thing 1.0+avr.1`."""
    pin = ecosystem.pin(component or build.component())
    ported = build.ported(
        fix(),
        replace(build.hunk("src/thing/__init__.py"), added=("    if '..' in path:",)),
        replace(build.hunk("tests/test_thing.py"), kind=ChangeKind.TEST),
    )
    backport = build.backport(pin.tree, tiny.PATCHED, ported, tests={"tests/test_thing.py": tiny.TEST})
    shown = evidence()
    return Delivery(
        pin=pin,
        plan=build.plan(build.step(fix())),
        backport=backport,
        findings=(finding(shown),),
        evidence=shown,
        built=ecosystem.rebuild(pin, tiny.PATCHED, 1),
        revision=1,
        tool_version="0.0",
        minimum=Assurance.FIXED,
        log_of={digest_of(LOG): LOG}.get,
        equipment=ecosystem.bench(pin, None).equipment(pin.tree, backport.security_tests),
    )


def report(of: Delivery, target: str = "requirements.txt") -> Report:
    """The report of a run that made this delivery and nothing else; the release is left to the caller."""
    component = ComponentReport(
        component=of.component,
        findings=of.findings,
        ported=of.backport.ported,
        evidence=of.evidence,
        seconds={"patch": 0.1},
    )
    return Report(target=target, components=(component,), tool_version="0.0")
