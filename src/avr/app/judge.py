"""Puts one choice of fixes before the gates."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from types import MappingProxyType

from avr.app import isolation, necessary
from avr.ecosystems.interface import Bench, Built, Ecosystem, FixedRelease, Pin
from avr.errors import AvrError
from avr.model.backport import Backport
from avr.model.evidence import Evidence
from avr.model.fix import ChangeKind, Fix
from avr.model.plan import Plan, Step, Strategy
from avr.model.source import SourceTree
from avr.stages.patch.ladder import backport as port
from avr.stages.validate import attacks, decide, gather, security, watching
from avr.stages.validate.attacks import Armoury
from avr.stages.validate.necessity.act import Bounds, Exam, necessity
from avr.stages.validate.necessity.decide import one_sided

NECESSITY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often and how long (in seconds) a suite may run, and what may be spent on each component's necessity."""

    suite_runs: int
    suite_seconds: int
    necessity_seconds: float = NECESSITY_SECONDS
    """For removed hunks and mutants together; 0 leaves them out."""
    mutants: int = 16
    behaviour_seconds: int = 0
    """How long each run that watches behaviour may take; 0: gate G6 is left out."""


NO_EXPLOITS: Armoury = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the gates showed of one backport, and the artifacts that were built on the way."""

    evidence: tuple[Evidence, ...]
    built: Built | None


def judge(
    ecosystem: Ecosystem,
    bench: Bench,
    pin: Pin,
    backport: Backport,
    revision: int,
    limits: Limits,
    executor: Executor,
    armoury: Armoury = NO_EXPLOITS,
    fixed: FixedRelease | None = None,
) -> Judgement:
    """Gates G0 to G6 for every fix of the backport; building, testing, attacking and watching go on at once."""
    building = executor.submit(_build, ecosystem, pin, backport, revision)
    launched = attacks.launch(bench, pin.tree, backport.patched, armoury, executor)
    watched = watching.launch(
        bench, ecosystem.interface_changes, backport, armoury, limits.behaviour_seconds, executor, fixed
    )
    runs = gather.runs(
        bench,
        gather.Question(
            pinned=pin.tree,
            patched=backport.patched,
            security_tests=backport.security_tests,
            suite_runs=limits.suite_runs,
            suite_seconds=limits.suite_seconds,
        ),
        executor,
    )
    built, g2 = building.result()
    shared = (decide.sound(ecosystem.static_problems(pin.tree, backport.patched)), g2)
    regression = decide.no_regression(
        runs.suite_before, runs.suite_after, runs.security_after, runs.problem, backport.ported
    )
    evidence = [decide.applies(each) for each in backport.ported]
    evidence += [*shared, replace(regression, facts={**regression.facts, **runs.facts})]
    for ported in backport.ported:
        paths = security.test_paths(backport, ported)
        evidence.append(
            security.security_test(ported, runs.suite_before, runs.security_before, runs.security_after, paths)
        )
    evidence += [each.evidence() for each in launched]
    evidence += watched()
    evidence = [*isolation.weighed(evidence)]
    exam = necessary.exam(backport, evidence, armoury)
    if exam is not None:
        evidence += isolation.weighed(_necessity(ecosystem, bench, backport, exam, limits, executor))
    return Judgement(evidence=tuple(evidence), built=built)


def _necessity(
    ecosystem: Ecosystem, bench: Bench, backport: Backport, exam: Exam, limits: Limits, executor: Executor
) -> tuple[Evidence, ...]:
    """Trials without single hunks and with mutants; they cannot be left out for hunks that upstream did not write."""
    if exam.foreign and not (exam.paths and exam.exploits):
        return (one_sided(tests=bool(exam.paths), exploits=bool(exam.exploits)),)
    seconds = limits.necessity_seconds or (NECESSITY_SECONDS if exam.foreign else 0)
    if not seconds:
        return ()
    trees, bounds = (backport.pinned, backport.patched), Bounds(seconds=seconds, mutants=limits.mutants)
    return (necessity(bench, trees, exam, ecosystem.static_problems, bounds, executor),)


def _build(ecosystem: Ecosystem, pin: Pin, backport: Backport, revision: int) -> tuple[Built | None, Evidence]:
    try:
        built = ecosystem.rebuild(pin, backport.patched, revision)
    except AvrError as error:
        return None, decide.builds({"code": error.code}, (error.message,), ())
    return built, decide.builds(built.facts, built.problems, tuple(sorted(built.files)))


def presence(
    bench: Bench, pin: Pin, plan: Plan, tests_tree: SourceTree, limits: Limits, executor: Executor
) -> tuple[Evidence, ...]:
    """G4 for findings that the source says are closed: the fix's tests run on the pin as it is, and decide."""
    evidence = []
    for step in plan.steps:
        if step.strategy not in {Strategy.ALREADY_FIXED, Strategy.NOT_AFFECTED}:
            continue
        fix = _lender(step)
        if fix is None:
            continue
        tests = port(pin.tree, [(step.finding.id, fix)], tests_tree).security_tests
        question = gather.Question(
            pinned=pin.tree,
            patched=None,
            security_tests=tests,
            suite_runs=limits.suite_runs,
            suite_seconds=limits.suite_seconds,
        )
        runs = gather.runs(bench, question, executor)
        evidence.append(security.passes_on_pin(step.finding.id, runs.security_before, tuple(sorted(tests))))
    return isolation.weighed(evidence)


def _lender(step: Step) -> Fix | None:
    """The best candidate's tests alone, where it has any."""
    candidates: Sequence[Fix] = step.candidates
    fix = next((each for each in candidates if each.of_kind(ChangeKind.TEST)), None)
    return replace(fix, files=fix.of_kind(ChangeKind.TEST)) if fix else None
