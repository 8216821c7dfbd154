"""Harvests the maintainers' own backport: the same change between the pin and the fixed release nearest to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath

from avr.errors import AvrError
from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import CommitId
from avr.stages.plan.changeset import composed, fixes_code, of_commit
from avr.stages.plan.commits import Named, fix_of
from avr.stages.plan.finder import Context, Found
from avr.stages.plan.lines import signature, similarity
from avr.stages.plan.links import links_of, project_links
from avr.stages.plan.tags import versions_of
from avr.tools.git import Commit, Repository

_MAX_COMPARED = 150
_SAME = 0.6
_ALIKE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The stretch of history in which the nearest backport must lie, as a git range."""

    since: str
    until: str

    @property
    def range(self) -> str:
        return f"{self.since}..{self.until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    named: Named
    likeness: float


def find(context: Context, upstream: Sequence[Fix]) -> Found:
    """The counterparts of `upstream` fixes that the release nearest to the pin brought.

    An upstream fix that itself lies on the way from the pin to that release is answered again with more confidence.
    """
    if context.git is None:
        return Found()
    fixes, reasons, dates = list[Fix](), list[str](), dict[CommitId, datetime]()
    for url in _repositories(context, upstream):
        try:
            repository = context.git.repository(url)
            found = _in_repository(repository, context, upstream)
        except AvrError as error:
            reasons.append(error.message)
            continue
        fixes += found.fixes
        reasons += found.reasons
        dates |= found.dates
    return Found(fixes=tuple(fixes), reasons=tuple(dict.fromkeys(reasons)), dates=dates)


def _repositories(context: Context, upstream: Sequence[Fix]) -> list[str]:
    named = [fix.origin_url.partition("/commit/")[0] for fix in upstream if fix.origin_url]
    if not named:
        links, _ = links_of(context.finding.advisory)
        named = [link.repository for link in (*project_links(context.pin.tree), *links)]
    return list({url.lower(): url for url in named}.values())[:2]


def _in_repository(repository: Repository, context: Context, upstream: Sequence[Fix]) -> Found:
    line = _line(repository, context)
    if line is None:
        return Found(reasons=(f"{repository.name} has no tags of the releases around the pin",))
    here = [fix for fix in upstream if fix.commits and all(_between(repository, line, each) for each in fix.commits)]
    elsewhere = [fix for fix in upstream if fix not in here]
    on_line = [_on_line(fix, line, elsewhere) for fix in here]
    counterparts = _counterparts(repository, line, context, elsewhere) if elsewhere and not here else []
    dates = {match.named.commit.id: match.named.commit.date for match in counterparts}
    backport = _backport(counterparts, repository, context, elsewhere, line)
    return Found(fixes=(*([backport] if backport else []), *on_line), dates=dates)


def _line(repository: Repository, context: Context) -> _Line | None:
    tags = versions_of(repository.tags(), context.pin.component.name, context.scheme)
    own = context.scheme.parse(context.pin.component.version)
    fixed = context.scheme.parse(context.nearest_fixed or "")
    if own is None or fixed is None or fixed not in tags:
        return None
    below = [version for version in tags if version <= own]
    return _Line(since=tags[max(below)], until=tags[fixed]) if below else None


def _on_line(fix: Fix, line: _Line, elsewhere: Sequence[Fix]) -> Fix:
    """An upstream fix of the pin's own line; where it is the twin of a stated fix, it is as good as stated."""
    own = signature(fix.files)
    twins = [other for other in elsewhere if similarity(own, signature(other.files)) >= _ALIKE]
    stated = max((other.confidence for other in twins), default=0.0)
    why = f"it lies between the pin and {line.until}, the nearest fixed release"
    return replace(
        fix,
        route=FixRoute.BRANCH_BACKPORT if twins else fix.route,
        confidence=min(0.98, max(fix.confidence, stated) + 0.03),
        reasons=(*fix.reasons, why),
    )


def _between(repository: Repository, line: _Line, commit: str) -> bool:
    return repository.is_ancestor(commit, line.until) and not repository.is_ancestor(commit, line.since)


def _counterparts(repository: Repository, line: _Line, context: Context, upstream: Sequence[Fix]) -> list[_Match]:
    """Commits of the line that cite the advisory, name an upstream commit, or make a very similar change."""
    files = {PurePosixPath(file.path).name for fix in upstream for file in fix.of_kind(ChangeKind.CODE)}
    touched = repository.touched([line.range])
    commits = [
        commit
        for commit in repository.log([line.range])
        if files & {PurePosixPath(path).name for path in touched.get(commit.id, ())}
    ]
    matches = [_match(repository, commit, context, upstream) for commit in commits[:_MAX_COMPARED]]
    found = [match for match in matches if match is not None]
    inner = {parent for match in found for parent in match.named.commit.parents[1:]}
    return [match for match in found if not any(repository.is_ancestor(match.named.commit.id, each) for each in inner)]


def _match(repository: Repository, commit: Commit, context: Context, upstream: Sequence[Fix]) -> _Match | None:
    try:
        files = of_commit(repository, commit, context.packages)
    except AvrError:  # a reorganisation or contents that the mirror lacks: no backport to harvest
        return None
    own = signature(files)
    best = max((_likeness(own, fix) for fix in upstream), default=0.0)
    why, base = _claim(commit, context, upstream)
    if not fixes_code(files) or best < (_ALIKE if why else _SAME):
        return None
    words = f"{why or 'it makes the same change'} ({best:.0%} of its lines are upstream's)"
    named = Named(commit=commit, files=files, confidence=base + 0.05 * best, why=words, linked=False)
    return _Match(named=named, likeness=best)


def _likeness(own: frozenset[tuple[str, str]], fix: Fix) -> float:
    theirs = signature(fix.files)
    return max(similarity(own, theirs), len(own & theirs) / len(own) if own else 0.0)


def _claim(commit: Commit, context: Context, upstream: Sequence[Fix]) -> tuple[str, float]:
    message = commit.message
    picked = [each for fix in upstream for each in fix.commits if each in message or each[:10] in message]
    if picked:
        return f"it was picked from {picked[0][:12]}", 0.93
    cited = [each for each in context.finding.advisory.ids if each in message]
    if cited:
        return f"its message cites {cited[0]}", 0.92
    if any(fix.subject and fix.subject.strip() in message for fix in upstream):
        return "it has the subject of the upstream commit", 0.9
    return "", 0.86


def _backport(
    matches: Sequence[_Match], repository: Repository, context: Context, upstream: Sequence[Fix], line: _Line
) -> Fix | None:
    """The counterparts as one fix, oldest first; refused where they leave much of the upstream change out."""
    if not matches:
        return None
    ordered = sorted(matches, key=lambda match: match.named.commit.date)
    fix = fix_of(ordered[0].named, repository, context)
    files: tuple[FileChange, ...] | None = fix.files
    for match in ordered[1:]:
        files = composed(files, match.named.files) if files is not None else None
    whole = ordered if files is not None else [max(ordered, key=lambda match: match.likeness)]
    files = files if files is not None else whole[0].named.files
    covered = max(_coverage(files, each) for each in upstream)
    return replace(
        fix,
        route=FixRoute.BRANCH_BACKPORT,
        files=files,
        confidence=min(match.named.confidence for match in whole) * (1 if covered >= 0.5 else 0.7),
        commits=tuple(match.named.commit.id for match in whole),
        reasons=(
            *(f"{match.named.commit.id[:12]}: {match.named.why}" for match in whole),
            f"it lies between the pin and {line.until}, the nearest fixed release",
            f"{covered:.0%} of the upstream change is in it",
        ),
    )


def _coverage(files: Sequence[FileChange], upstream: Fix) -> float:
    own, theirs = signature(files), signature(upstream.files)
    return len(own & theirs) / len(theirs) if theirs else 0.0
