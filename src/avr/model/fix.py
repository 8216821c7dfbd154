"""An upstream change that closes an advisory, and where it was found."""

from dataclasses import dataclass
from enum import StrEnum

from avr.model.identifiers import AdvisoryId, CommitId


class ChangeKind(StrEnum):
    """What a changed file is for; only code and test files are carried over."""

    CODE = "code"
    TEST = "test"
    DOCS = "docs"
    BUILD = "build"


class FixRoute(StrEnum):
    """The finder that brought a fix, strongest claim first."""

    BRANCH_BACKPORT = "branch-backport"
    """The maintainers' own backport on the branch nearest to the pin."""
    COMMIT = "commit"
    """Commits that the advisory's references name."""
    DISTRIBUTION = "distribution"
    """A patch that a distribution ships for the same vulnerability."""
    RELEASE_DIFF = "release-diff"
    """The difference of the last affected and the first fixed release, isolated to the security change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file before and after the fix; None stands for a file that does not exist on that side.

    Both sides are whole contents, so that every rung of the ladder has its three-way base.
    """

    path_before: str | None
    path_after: str | None
    before: bytes | None
    after: bytes | None
    kind: ChangeKind

    @property
    def path(self) -> str:
        """The path to speak of: the one after the fix, or the one before where the fix deletes the file."""
        path = self.path_after or self.path_before
        assert path is not None, "a change has at least one side"
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """An upstream change: files before and after, who made it and where it came from.

    `confidence` (0 to 1) ranks candidates of one finding and decides nothing by itself. `origin_url` and `commits`
    go into the DEP-3 header of the delivered patch.
    """

    advisory: AdvisoryId
    route: FixRoute
    files: tuple[FileChange, ...]
    confidence: float
    reasons: tuple[str, ...]
    commits: tuple[CommitId, ...] = ()
    origin_url: str | None = None
    author: str | None = None
    subject: str = ""
    only_for_review: str = ""
    """Why this may be shown to a person but never delivered: a part of the fix is known to be missing, or other work
    is mixed in that was not told apart. Empty where nothing of the kind is known."""
    tests_from: FixRoute | None = None
    """The route of the candidate that lent its tests, where this one brought none."""

    def of_kind(self, kind: ChangeKind) -> tuple[FileChange, ...]:
        """The changed files of one kind, in the fix's order."""
        return tuple(change for change in self.files if change.kind is kind)
