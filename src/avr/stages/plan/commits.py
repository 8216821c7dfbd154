"""Finds the commits that an advisory's references name, directly or through pull requests, issues and its own ids."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from avr.errors import AvrError
from avr.model.fix import ChangeKind, FileChange, Fix, FixRoute
from avr.model.identifiers import CommitId
from avr.stages.plan.changeset import between, composed, fixes_code, of_commit
from avr.stages.plan.finder import Context, Found
from avr.stages.plan.lines import signature, similarity
from avr.stages.plan.links import Link, Target, links_of, project_links
from avr.stages.plan.ownership import belongs
from avr.tools.git import Commit, Repository

_PUBLISHED = ("--branches", "--tags", "--remotes")
_VARIANT = 0.5
_MAX_NAMED = 12
_BIG_CHANGE = 600
_CLOSES = r"(?:clos|fix|resolv)\w*:?\s+(?:issue\s+)?(?:\w+/[\w.-]+)?#{number}\b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A commit with what spoke for it; `linked` if the advisory itself names it."""

    commit: Commit
    files: tuple[FileChange, ...]
    confidence: float
    why: str
    linked: bool


@dataclass(slots=True)
class _Search:
    """The search in one repository: commits by id, and the reasons for what was passed over."""

    repository: Repository
    context: Context
    named: dict[CommitId, Named] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    def add(self, revision: str, confidence: float, why: str, *, linked: bool) -> None:
        """Take a commit if it exists and changes code."""
        found = self.repository.resolve(revision)
        if found is None:
            self.reasons.append(f"{self.repository.name} has no commit {revision[:12]!r}")
        elif found not in self.named:
            self._take(self.repository.commit(found), confidence, why, linked=linked)

    def _take(self, commit: Commit, confidence: float, why: str, *, linked: bool) -> None:
        try:
            files = of_commit(self.repository, commit, self.context.packages)
        except AvrError as error:
            self.reasons.append(f"commit {commit.id[:12]} is passed over: {error.message}")
            return
        if not fixes_code(files):
            self.reasons.append(f"commit {commit.id[:12]} ({commit.subject[:60]!r}) changes no code")
            return
        self.named[commit.id] = Named(commit=commit, files=files, confidence=confidence, why=why, linked=linked)


def find(context: Context) -> Found:
    """Fixes made of the commits that the advisory names, several that belong together as one."""
    if context.git is None:
        return Found(reasons=("upstream git is switched off",))
    links, malformed = links_of(context.finding.advisory)
    homes = project_links(context.pin.tree)
    reasons, fixes, dates = list(malformed), list[Fix](), dict[CommitId, datetime]()
    for address in dict.fromkeys(link.repository.lower() for link in (*links, *homes)):
        own = [link for link in links if link.repository.lower() == address]
        name = next(link.repository for link in (*own, *homes) if link.repository.lower() == address)
        try:
            found = _in_repository(context.git.repository(name), own, context)
        except AvrError as error:
            reasons.append(error.message)
            continue
        reasons += found.reasons
        dates |= found.dates
        fixes += [fix for fix in found.fixes if not any(set(fix.commits) == set(other.commits) for other in fixes)]
    if not links and not homes:
        reasons.append("neither the advisory nor the release names a repository")
    return Found(fixes=tuple(fixes), reasons=tuple(dict.fromkeys(reasons)), dates=dates)


def _in_repository(repository: Repository, links: Sequence[Link], context: Context) -> Found:
    if not belongs(repository, context.pin):
        return Found(reasons=(f"{repository.name} is not the project of {context.pin.component.name!r}",))
    search = _Search(repository, context)
    _follow_commits(search, links)
    _follow_ids(search)
    if not search.named:
        _follow_numbers(search, links)
    fixes = [_fix(group, repository, context) for group in _grouped(list(search.named.values()), repository)]
    if not fixes:
        fixes = list(_compared(search, links))
    dates = {named.commit.id: named.commit.date for named in search.named.values()}
    return Found(fixes=tuple(fixes), reasons=tuple(search.reasons), dates=dates)


def _follow_commits(search: _Search, links: Sequence[Link]) -> None:
    for link in [link for link in links if link.target is Target.COMMIT][:_MAX_NAMED]:
        words = "as the fix" if link.stated_fix else "among its links"
        search.add(link.value, 0.95 if link.stated_fix else 0.85, f"the advisory names it {words}", linked=True)


def _follow_ids(search: _Search) -> None:
    """Commits whose message cites the advisory; a merge stands for what it merged."""
    ids = [each for each in search.context.finding.advisory.ids if each.startswith(("CVE-", "GHSA-"))]
    if ids:
        cited = search.repository.log(_PUBLISHED, grep=ids, count=_MAX_NAMED)
        for commit in cited:
            search.add(commit.id, 0.75, f"its message cites {' or '.join(ids)}", linked=False)


def _follow_numbers(search: _Search, links: Sequence[Link]) -> None:
    for link in links:
        if link.target is Target.PULL:
            pattern = re.compile(rf"^Merge pull request #{link.value}\b|\(#{link.value}\)\s*$", re.MULTILINE)
            for commit in _matching(search.repository, link.value, pattern):
                search.add(commit.id, 0.8, f"it merged pull request #{link.value}", linked=True)
        elif link.target is Target.ISSUE:
            pattern = re.compile(_CLOSES.format(number=link.value), re.IGNORECASE)
            for commit in _matching(search.repository, link.value, pattern):
                search.add(commit.id, 0.6, f"it closes issue #{link.value}", linked=True)


def _matching(repository: Repository, number: str, pattern: re.Pattern[str]) -> list[Commit]:
    listed = repository.log(_PUBLISHED, grep=[f"#{number}"], count=100)
    return [commit for commit in listed if pattern.search(commit.message)][:_MAX_NAMED]


def _grouped(named: list[Named], repository: Repository) -> Iterator[list[Named]]:
    """Commits that belong together, oldest first; the same change made twice (on another branch) stays apart."""
    groups: list[list[Named]] = []
    for each in sorted(named, key=lambda named: (not named.linked, named.commit.date)):
        own = signature(each.files)
        alike = [group for group in groups if any(similarity(own, signature(one.files)) >= _VARIANT for one in group)]
        chain = [group for group in groups if _follows(each, group[-1], repository)]
        if not each.linked or alike or not chain:
            same = any(own == signature(one.files) and _related(each, one, repository) for g in alike for one in g)
            if not same:
                groups.append([each])
        else:
            chain[0].append(each)
    yield from groups


def _follows(later: Named, earlier: Named, repository: Repository) -> bool:
    return later.linked and earlier.linked and repository.is_ancestor(earlier.commit.id, later.commit.id)


def _related(one: Named, other: Named, repository: Repository) -> bool:
    pair = one.commit.id, other.commit.id
    return repository.is_ancestor(*pair) or repository.is_ancestor(*reversed(pair))


def _fix(group: list[Named], repository: Repository, context: Context) -> Fix:
    first, *rest = group
    fix = fix_of(first, repository, context)
    for each in rest:
        files = composed(fix.files, each.files)
        if files is None:
            why = f"{each.commit.id[:12]} belongs to it as well but could not be put on top"
            lacks_code = any(file.kind is ChangeKind.CODE for file in each.files)
            review = why if lacks_code else fix.only_for_review
            fix = replace(fix, confidence=fix.confidence * 0.6, only_for_review=review, reasons=(*fix.reasons, why))
        else:
            why = f"{each.commit.id[:12]}: {each.why}"
            fix = replace(fix, files=files, commits=(*fix.commits, each.commit.id), reasons=(*fix.reasons, why))
    return fix


def fix_of(named: Named, repository: Repository, context: Context) -> Fix:
    """The fix that one commit makes; a very large one is trusted less."""
    big = len(signature(named.files)) > _BIG_CHANGE
    return Fix(
        advisory=context.finding.id,
        route=FixRoute.COMMIT,
        files=named.files,
        confidence=named.confidence * (0.6 if big else 1),
        reasons=(f"{named.commit.id[:12]}: {named.why}", *(("it changes very much",) if big else ())),
        commits=(named.commit.id,),
        origin_url=f"{repository.url}/commit/{named.commit.id}",
        author=named.commit.author,
        subject=named.commit.subject,
    )


def _compared(search: _Search, links: Sequence[Link]) -> Iterator[Fix]:
    """The whole of a comparison that the advisory links, where nothing more exact is known."""
    for link in links:
        if link.target is not Target.COMPARE:
            continue
        old, _, new = link.value.partition("...")
        before, after = search.repository.resolve(old), search.repository.resolve(new)
        if before is None or after is None:
            search.reasons.append(f"{search.repository.name} lacks an end of {link.value!r}")
            continue
        base = search.repository.merge_base(before, after) or before
        try:
            files = between(search.repository, base, after, search.context.packages)
        except AvrError as error:
            search.reasons.append(error.message)
            continue
        if fixes_code(files):
            named = Named(
                commit=search.repository.commit(after),
                files=files,
                confidence=0.4,
                why=f"the advisory links the comparison {link.value}",
                linked=True,
            )
            yield fix_of(named, search.repository, search.context)
