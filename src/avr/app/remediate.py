"""Takes one component through patching and validating, and on to the next candidate where a gate refuses one."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from avr.app import isolation, quoting, states
from avr.app.carrying import carrying
from avr.app.choose import Attempt, Choice, choose
from avr.app.fixed_release import fixed_release
from avr.app.judge import Judgement, Limits, judge, presence
from avr.app.progress import Progress
from avr.app.quoting import Quoted
from avr.app.sibling_sites import code_paths, with_siblings
from avr.ecosystems.interface import Bench, Ecosystem, FixedRelease, Pin
from avr.model.backport import Backport, PortedFix
from avr.model.component import Component
from avr.model.evidence import Evidence, Verdict
from avr.model.exploit import Exploit
from avr.model.finding import Finding
from avr.model.identifiers import AdvisoryId, Assurance, Gate, State
from avr.model.plan import Plan, Strategy
from avr.model.report import ComponentReport, FindingReport
from avr.model.source import SourceTree
from avr.proofs.quoted import Quotation
from avr.stages.validate import attacks

RevisionOf = Callable[[Backport], int]
"""The N of `+avr.N` for a backport."""

_CLOSED = frozenset({Strategy.ALREADY_FIXED, Strategy.NOT_AFFECTED})

MAX_ROUNDS = 4
"""How often refused candidates may be replaced by the next ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What one remediation works with."""

    ecosystem: Ecosystem
    bench_of: Callable[[Pin, SourceTree | None], Bench]
    upstream_tests: Callable[[Pin, Plan], SourceTree | None]
    tests_tree: Callable[[SourceTree, SourceTree | None], SourceTree]
    limits: Limits
    minimum: Assurance
    executor: Executor
    progress: Progress
    exploits: Callable[[Finding], Sequence[Exploit]] = lambda _: ()
    quotations: Callable[[Finding, Pin], Sequence[Quotation]] = lambda _finding, _pin: ()
    """Code of the advisory's text, which judges where it can be calibrated and `exploits` has nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remediated:
    """A component's report and, where something was ported, the choice and the judgement behind it.

    `bench` is where tests were run, if any were.
    """

    report: ComponentReport
    choice: Choice | None = None
    judgement: Judgement | None = None
    bench: Bench | None = None


@dataclass(slots=True)
class Clock:
    """Adds up the wall time of the stages of one component, in seconds."""

    component: Component
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside and tell the progress."""
        self.progress.stage(self.component, name)
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - start, 3)


def remediate(pin: Pin, plan: Plan, revision_of: RevisionOf, tools: Tools, clock: Clock) -> Remediated:
    """Patch and validate one component; nothing is delivered yet."""
    return _Work(pin=pin, plan=plan, revision_of=revision_of, tools=tools, clock=clock).run()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """A candidate that the gates disproved: how it ended, and the round in which it did."""

    report: FindingReport
    choice: Choice
    evidence: tuple[Evidence, ...]


@dataclass(slots=True, kw_only=True)
class _Work:
    """One component's way: choose, judge, and again without the candidates that were disproved."""

    pin: Pin
    plan: Plan
    revision_of: RevisionOf
    tools: Tools
    clock: Clock
    banned: set[Attempt] = field(default_factory=set)
    disproved: dict[AdvisoryId, _Refusal] = field(default_factory=dict)
    quoted: dict[AdvisoryId, Quoted] = field(default_factory=dict)
    bench: Bench | None = None

    def run(self) -> Remediated:
        if all(step.strategy is Strategy.NO_FIX_KNOWN for step in self.plan.steps):
            return self._end(None, None, ())
        with self.clock.stage("patch"):
            suite = self.tools.upstream_tests(self.pin, self.plan)
            tests_tree = self.tools.tests_tree(self.pin.tree, suite)
            choice = self._choose(tests_tree)
        if not choice.backport.ported and not self._claims_presence():
            return self._end(choice, None, ())
        with self.clock.stage("validate"):
            bench = self.tools.bench_of(self.pin, suite)
            known = presence(bench, self.pin, self.plan, tests_tree, self.tools.limits, self.tools.executor)
            known += isolation.weighed(
                attacks.on_pin(bench, self.pin.tree, self._armoury(_CLOSED), self.tools.executor)
            )
            judgement = self._judge(bench, choice)
        self.bench = bench
        for _ in range(MAX_ROUNDS):
            refused = self._refused(choice, judgement)
            if not refused:
                break
            self._remember(choice, judgement, refused)
            with self.clock.stage("patch"):
                choice = self._choose(tests_tree)
            with self.clock.stage("validate"):
                judgement = self._judge(bench, choice)
        return self._end(choice, judgement, known)

    def _claims_presence(self) -> bool:
        return any(step.strategy in {Strategy.ALREADY_FIXED, Strategy.NOT_AFFECTED} for step in self.plan.steps)

    def _choose(self, tests_tree: SourceTree) -> Choice:
        ecosystem = self.tools.ecosystem
        carry = carrying(ecosystem, ecosystem.minimum_runtime(self.pin.tree))
        return choose(self.pin.tree, self.plan, tests_tree, carry, ecosystem.static_problems, frozenset(self.banned))

    def _judge(self, bench: Bench, choice: Choice) -> Judgement | None:
        if not choice.backport.ported:
            return None
        tools, ported = self.tools, {each.advisory for each in choice.backport.ported}
        armoury = self._with_quoted(bench, self._armoury(frozenset({Strategy.BACKPORT}), ported))
        judgement = judge(
            tools.ecosystem,
            bench,
            self.pin,
            choice.backport,
            self.revision_of(choice.backport),
            tools.limits,
            tools.executor,
            armoury,
            self._fixed_release(choice.backport),
        )
        return replace(judgement, evidence=quoting.told(judgement.evidence, self.quoted, ported))

    def _with_quoted(self, bench: Bench, armoury: attacks.Armoury) -> attacks.Armoury:
        """The armoury with calibrated code of the advisories' texts, where the library has nothing."""
        for step in self.plan.steps:
            finding = step.finding
            if finding.id in armoury and not armoury[finding.id] and finding.id not in self.quoted:
                programs, release = (
                    self.tools.quotations(finding, self.pin),
                    fixed_release(self.tools.ecosystem, self.pin.component, [finding]),
                )
                tried = quoting.tried(bench, self.pin, finding, release, programs, self.tools.executor)
                self.quoted[finding.id] = tried
        return {name: known or self.quoted[name].exploits for name, known in armoury.items()}

    def _fixed_release(self, backport: Backport) -> FixedRelease | None:
        """Upstream's first release above the pin that holds every fix of the backport, as far as advisories tell."""
        ported = {each.advisory for each in backport.ported}
        findings = [step.finding for step in self.plan.steps if step.finding.id in ported]
        return fixed_release(self.tools.ecosystem, self.pin.component, findings, [each.fix for each in backport.ported])

    def _armoury(self, strategies: frozenset[Strategy], among: set[AdvisoryId] | None = None) -> attacks.Armoury:
        steps = (step for step in self.plan.steps if step.strategy in strategies)
        wanted = (each.finding for each in steps if among is None or each.finding.id in among)
        return {finding.id: self.tools.exploits(finding) for finding in wanted}

    def _refused(self, choice: Choice, judgement: Judgement | None) -> set[Attempt]:
        """The candidates that a gate spoke against; of a regression the last fix of the stack is suspected."""
        if judgement is None:
            return set()
        failed = [each for each in judgement.evidence if each.verdict is Verdict.FAILED]
        refused = {
            (each.advisory, choice.used[each.advisory])
            for each in failed
            if each.gate in {Gate.SECURITY_TEST, Gate.EXPLOIT} and each.advisory in choice.used
        }
        if not refused and any(each.gate is Gate.NO_REGRESSION for each in failed):
            last = choice.backport.ported[-1].advisory
            refused = {(last, choice.used[last])}
        return refused

    def _remember(self, choice: Choice, judgement: Judgement | None, refused: set[Attempt]) -> None:
        evidence = judgement.evidence if judgement else ()
        for advisory, _ in refused:
            step = next(step for step in self.plan.steps if step.finding.id == advisory)
            found = states.report(step, choice.rejected, evidence, self.tools.minimum)
            self.disproved.setdefault(advisory, _Refusal(report=found, choice=choice, evidence=evidence))
        self.banned |= refused

    def _end(self, choice: Choice | None, judgement: Judgement | None, known: tuple[Evidence, ...]) -> Remediated:
        evidence = (*known, *(judgement.evidence if judgement else ()))
        rejected = choice.rejected if choice else {}
        reports = {
            step.finding.id: states.report(step, rejected, evidence, self.tools.minimum) for step in self.plan.steps
        }
        refused = {each: why for each, why in self.disproved.items() if reports[each].state is not State.FIXED}
        reports |= {each: why.report for each, why in refused.items()}
        ported = [each for each in _ported(choice) if each.advisory not in refused]
        if refused and judgement is None:  # nothing stands in the end: the first refused round is what a person sees
            first = next(iter(refused.values()))
            choice, evidence, ported = first.choice, (*known, *first.evidence), list(_ported(first.choice))
        else:
            spoken = [one for each, why in refused.items() for one in why.evidence if one.advisory == each]
            evidence = (*evidence, *spoken)
            ported += [one for each, why in refused.items() for one in _ported(why.choice) if one.advisory == each]
        report = ComponentReport(
            component=self.plan.component,
            findings=tuple(reports[step.finding.id] for step in self.plan.steps),
            ported=_looked_around(ported, choice),
            evidence=evidence,
            seconds=self.clock.seconds,
        )
        return Remediated(report=report, choice=choice, judgement=judgement, bench=self.bench)


def _looked_around(ported: Sequence[PortedFix], choice: Choice | None) -> tuple[PortedFix, ...]:
    """Ported fixes with the sibling sites of what they changed."""
    if choice is None:
        return tuple(ported)
    patched = choice.backport.patched
    among = code_paths(patched)
    return tuple(with_siblings(each, patched, among) for each in ported)


def _ported(choice: Choice | None) -> tuple[PortedFix, ...]:
    """Everything that a choice ported, and the best try of what it could not."""
    if choice is None:
        return ()
    return (*choice.backport.ported, *(ported for ported, _ in choice.rejected.values() if ported is not None))
