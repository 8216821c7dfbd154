"""The factory: takes a target through all stages, its components side by side."""

import os
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from avr.app import outcomes, quoting, states
from avr.app.dispatch import Dispatch
from avr.app.judge import Limits
from avr.app.plans import load as load_plans
from avr.app.progress import Progress
from avr.app.project import Consumer, check
from avr.app.releases import base_of, revision_of
from avr.app.remediate import Clock, Remediated, Tools, remediate
from avr.app.wiring import Parts, wire
from avr.config import Settings
from avr.ecosystems.interface import Pin
from avr.errors import AvrError, UsageError
from avr.inventory import project as project_folder
from avr.model.backport import Backport
from avr.model.component import Component, Inventory
from avr.model.evidence import Verdict
from avr.model.exploit import Exploit
from avr.model.finding import Finding
from avr.model.identifiers import Assurance, EcosystemName, State
from avr.model.plan import Plan, PlanSet, Step, Strategy
from avr.model.report import ComponentReport, FindingReport, Report
from avr.proofs import library
from avr.stages.deliver import layout


@dataclass(frozen=True, slots=True, kw_only=True)
class FixOptions:
    """How `fix` shall work: where to, whether the target may be rewritten, from which level something is fixed."""

    output: Path
    dry_run: bool = False
    minimum: Assurance = Assurance.FIXED
    refresh: bool = False
    only: tuple[str, ...] = ()
    project: Path | None = None
    """The user's own project, whose tests must pass with the releases as they did with the pins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixResult:
    """The report and remarks for the person at the terminal."""

    report: Report
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One component with its findings, and the plan where one was saved before."""

    component: Component
    findings: tuple[Finding, ...]
    plan: Plan | None = None


class Factory:
    """Opened once per command; a context manager that owns the worker threads."""

    def __init__(self, settings: Settings, *, git: bool | None, progress: Progress) -> None:
        self._settings = settings if git is None else replace(settings, git=git)
        self._progress = progress
        self._sandboxes = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2), thread_name_prefix="sandbox")
        self._workers = ThreadPoolExecutor(max_workers=settings.jobs, thread_name_prefix="component")
        self._parts: Parts = wire(self._settings)

    def __enter__(self) -> Self:
        """Nothing to open: parts are opened when first needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers; on an error what has not begun is dropped."""
        for pool in (self._workers, self._sandboxes):
            pool.shutdown(wait=kind is None, cancel_futures=True)

    def plan(self, target: str, only: tuple[str, ...] = ()) -> PlanSet:
        """A plan for every component with findings; `only` limits the work to advisories with these ids."""
        inventory, jobs = self._jobs(target, only)
        plans = tuple(self._workers.map(self._planned, jobs))
        return PlanSet(
            target=target, plans=plans, unresolved=inventory.unresolved, clean=len(inventory.components) - len(jobs)
        )

    def fix(self, target: str, options: FixOptions) -> FixResult:
        """The main job on a target."""
        inventory, jobs = self._jobs(target, options.only)
        return self._run(target, inventory, jobs, len(inventory.components) - len(jobs), options)

    def fix_plan(self, path: Path, options: FixOptions) -> FixResult:
        """The main job along a saved plan; the file that it was made for is rewritten as by `fix`."""
        plans = load_plans(path)
        inventory = self._parts.inventory(plans.target)
        jobs = [
            Job(component=plan.component, findings=tuple(step.finding for step in plan.steps), plan=plan)
            for plan in plans.plans
        ]
        return self._run(plans.target, inventory, jobs, plans.clean, options)

    def _jobs(self, target: str, only: tuple[str, ...]) -> tuple[Inventory, list[Job]]:
        inventory = self._parts.inventory(target)
        found: dict[tuple[str, str], list[Finding]] = {}
        for finding in self._parts.findings(inventory):
            if only and not set(only) & set(finding.advisory.ids):
                continue
            found.setdefault((finding.component.name, finding.component.version), []).append(finding)
        return inventory, [Job(component=each[0].component, findings=tuple(each)) for each in found.values()]

    def _planned(self, job: Job) -> Plan:
        clock = Clock(component=job.component, progress=self._progress)
        try:
            with clock.stage("fetch"):
                pin = self._pin(job)
            with clock.stage("plan"):
                return self._plan(pin, job)
        except AvrError as error:
            reason = f"{error.message} [{error.code}]"
            steps = (Step(finding=each, strategy=Strategy.NO_FIX_KNOWN, reasons=(reason,)) for each in job.findings)
            return Plan(component=base_of(job.component), steps=tuple(steps))

    def _pin(self, job: Job) -> Pin:
        return self._parts.ecosystem_of(job.component).pin(base_of(job.component))

    def _plan(self, pin: Pin, job: Job) -> Plan:
        if job.plan is not None:
            return job.plan
        return self._parts.planner(pin, tuple(replace(each, component=pin.component) for each in job.findings))

    def _run(
        self, target: str, inventory: Inventory, jobs: Sequence[Job], clean: int, options: FixOptions
    ) -> FixResult:
        _check_writable(options.output)
        dispatch = Dispatch(self._settings, self._parts, options.output, options.minimum)
        consumer = self._consumer(options.project, inventory) if options.project else None
        futures = [self._workers.submit(self._fixed, job, options, dispatch) for job in jobs]
        for future in as_completed(futures):
            self._progress.done(future.result())
        report = Report(
            target=target,
            components=tuple(future.result() for future in futures),
            unresolved=inventory.unresolved,
            clean=clean,
            tool_version=self._parts.version,
        )
        report, notes = self._checked(report, consumer, options)
        held = "dry run" if options.dry_run else ""
        if report.project is not None and report.project.verdict is not Verdict.PASSED:
            held = "the project's own tests do not hold with the releases"
        return FixResult(report=report, notes=notes + dispatch.finish(report, inventory, held=held))

    def _consumer(self, folder: Path, inventory: Inventory) -> Consumer:
        if any(each.ecosystem is not EcosystemName.PYPI for each in inventory.components):
            message = f"the tests of {str(folder)!r} cannot be run with packages of npm: only Python projects are known"
            raise UsageError("project.ecosystem", message, hint="leave --project out, and run them after npm ci")
        return Consumer(
            tree=project_folder.read(folder),
            pins=inventory.components,
            benches=self._parts.project,
            limits=self._limits(),
        )

    def _checked(
        self, report: Report, consumer: Consumer | None, options: FixOptions
    ) -> tuple[Report, tuple[str, ...]]:
        """The report with what the user's own tests showed, where there are releases to try."""
        releases = [each.release for each in report.components if each.release is not None]
        if consumer is None or not releases:
            return report, ()
        shown = check(consumer, releases, options.output / layout.WHEELS, self._sandboxes)
        return replace(report, project=shown), (f"the tests of {options.project}: {shown.summary}",)

    def _fixed(self, job: Job, options: FixOptions, dispatch: Dispatch) -> ComponentReport:
        """One component's way to its report; whatever happens there, the other components go on."""
        clock = Clock(component=job.component, progress=self._progress)
        try:
            return self._work(job, options, dispatch, clock)
        except AvrError as error:
            return _failed(job, error.code, str(error), clock)
        except OSError as error:
            return _failed(job, "system", f"{error}; hint: check disk space and permissions", clock)
        except Exception as error:  # noqa: BLE001 - the last line of defence: a defect of ours must not stop the others
            dispatch.keep_trace(job.component, traceback.format_exc())
            return _failed(
                job, "internal", f"{type(error).__name__}: {error}; please report this with its trace", clock
            )

    def _work(self, job: Job, options: FixOptions, dispatch: Dispatch, clock: Clock) -> ComponentReport:
        closed = dispatch.releases.closed_by(job.component)
        if all(each.id in closed for each in job.findings):
            return _delivered_before(job, clock)
        key = outcomes.key(job.component, job.findings, self._settings, options.minimum)
        if not options.refresh and job.plan is None:
            with clock.stage("remember"):
                known = dispatch.remembered(key)
            if known is not None:
                return replace(known, seconds=clock.seconds)
        with clock.stage("fetch"):
            pin = self._pin(job)
        with clock.stage("plan"):
            plan = self._plan(pin, job)
        result = self._remediated(job, pin, plan, options, dispatch, clock)
        with clock.stage("deliver"):
            return dispatch.deliver(key, pin, plan, result)

    def _remediated(
        self, job: Job, pin: Pin, plan: Plan, options: FixOptions, dispatch: Dispatch, clock: Clock
    ) -> Remediated:
        kit = self._parts.kit(job.component.ecosystem)
        tools = Tools(
            ecosystem=kit.ecosystem,
            bench_of=kit.bench,
            upstream_tests=self._parts.upstream_tests,
            tests_tree=kit.tests_tree,
            limits=self._limits(),
            minimum=options.minimum,
            executor=self._sandboxes,
            progress=self._progress,
            exploits=_exploits,
            quotations=quoting.found,
        )

        def revision(backport: Backport) -> int:
            return dispatch.revision(pin.component, backport, revision_of(job.component) + 1)

        return remediate(pin, plan, revision, tools, clock)

    def _limits(self) -> Limits:
        settings = self._settings
        return Limits(
            suite_runs=settings.suite_runs,
            suite_seconds=settings.suite_seconds,
            necessity_seconds=settings.necessity_seconds,
            behaviour_seconds=settings.behaviour_seconds,
        )


def _check_writable(output: Path) -> None:
    """Fail before the work rather than after it."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        probe = output / ".write-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        message = f"cannot write into {str(output)!r}: {error.strerror}"
        raise AvrError("output.unwritable", message, hint="choose another folder with --output") from error


def _failed(job: Job, code: str, why: str, clock: Clock) -> ComponentReport:
    findings = tuple(states.failed(Step(finding=each, strategy=Strategy.BACKPORT), code, why) for each in job.findings)
    return ComponentReport(component=job.component, findings=findings, seconds=clock.seconds)


def _delivered_before(job: Job, clock: Clock) -> ComponentReport:
    findings = tuple(
        FindingReport(
            finding=each.without_prose(),
            state=State.ALREADY_FIXED,
            assurance=Assurance.NONE,
            missing=(),
            code="release.delivered-before",
            why=f"{job.component} was made here and closes it; `avr verify` its output folder for the evidence",
        )
        for each in job.findings
    )
    return ComponentReport(component=job.component, findings=findings, seconds=clock.seconds)


def _exploits(finding: Finding) -> tuple[Exploit, ...]:
    component = finding.component
    return library.exploits_for(component.ecosystem.lower(), component.name, finding.advisory.ids)
