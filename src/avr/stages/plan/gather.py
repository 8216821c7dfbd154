"""Asks all fix finders about the findings of one component, several at a time, and has the plan decided."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from avr.ecosystems import schemes
from avr.ecosystems.interface import Pin, Registry
from avr.errors import AvrError
from avr.model.component import Component
from avr.model.finding import Finding
from avr.model.plan import Plan
from avr.model.source import SourceTree
from avr.stages.plan import branches, commits, debian, release
from avr.stages.plan.decide import Gathered, decide
from avr.stages.plan.finder import Context, Found, TreeOf
from avr.stages.plan.links import links_of
from avr.stages.plan.tags import tag_of
from avr.tools.apt import Apt
from avr.tools.git_mirror import Git


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where fixes may be looked for: None switches a source off; the registry always serves."""

    git: Git | None = None
    apt: Apt | None = None
    threads: int = 4


def plan(pin: Pin, findings: Sequence[Finding], registry: Registry, tree_of: TreeOf, sources: Sources) -> Plan:
    """What to do about the findings of one pinned component.

    `tree_of` gives the unpacked source of another release. What a source cannot answer becomes a reason in the
    plan; only a defect of the program raises.
    """
    contexts, problems = _contexts(pin, findings, registry, tree_of, sources)
    with ThreadPoolExecutor(max_workers=sources.threads) as pool:
        upstream = [pool.submit(_upstream, context) for context in contexts]
        patched = [pool.submit(_guarded, debian.find, context, sources.apt) for context in contexts]
        differing = [pool.submit(_guarded, release.find, context) for context in contexts]
        answers = [
            (one.result(), two.result(), three.result())
            for one, two, three in zip(upstream, patched, differing, strict=True)
        ]
    gathered = [
        Gathered(
            finding=context.finding,
            fixes=tuple(fix for found in answer for fix in found.fixes),
            reasons=tuple(dict.fromkeys((*problems, *(reason for found in answer for reason in found.reasons)))),
        )
        for context, answer in zip(contexts, answers, strict=True)
    ]
    dates = {commit: date for answer in answers for found in answer for commit, date in found.dates.items()}
    return decide(pin.component, pin.tree, gathered, dates)


def upstream_tests(component: Component, findings: Sequence[Finding], git: Git | None) -> SourceTree | None:
    """The upstream tree at the tag of the pinned version, for its tests; None where there is none to be had."""
    if git is None:
        return None
    links = [link for finding in findings for link in links_of(finding.advisory)[0]]
    for url in {link.repository.lower(): link.repository for link in links}.values():
        try:
            repository = git.repository(url)
            tag = tag_of(component.version, repository.tags(), component.name, schemes.of(component.ecosystem))
            if tag is not None:
                return repository.tree(tag)
        except AvrError:  # the next repository may have it; without tests the evidence says so
            continue
    return None


def _contexts(
    pin: Pin, findings: Sequence[Finding], registry: Registry, tree_of: TreeOf, sources: Sources
) -> tuple[list[Context], tuple[str, ...]]:
    problems: tuple[str, ...] = ()
    try:
        versions = tuple(release.version for release in registry.releases(pin.component.name))
    except AvrError as error:
        versions, problems = (), (error.message,)
    made = [
        Context(pin=pin, finding=finding, versions=versions, tree_of=tree_of, git=sources.git) for finding in findings
    ]
    return made, problems


def _upstream(context: Context) -> Found:
    """Commits first, then their counterparts on the pin's own line; those of the line replace what they improve."""
    named = _guarded(commits.find, context)
    own = _guarded(branches.find, context, named.fixes)
    improved = {fix.commits for fix in own.fixes}
    return Found(
        fixes=(*own.fixes, *(fix for fix in named.fixes if fix.commits not in improved)),
        reasons=(*named.reasons, *own.reasons),
        dates={**named.dates, **own.dates},
    )


def _guarded(find: Callable[..., Found], *arguments: object) -> Found:
    try:
        return find(*arguments)
    except AvrError as error:
        return Found(reasons=(error.message,))
