"""What was seen of a package's behaviour on both sides of a patch: its interface, its calls, the lines that ran."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiChange:
    """One difference of the public interface, in the file at `path`; `what` says it in words.

    `breaking` where code that worked with the one side may not work with the other.
    """

    path: str
    name: str
    what: str
    breaking: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiComparison:
    """The public interface of the changed files on both sides; `unread` are files whose syntax could not be read."""

    changes: tuple[ApiChange, ...] = ()
    compared: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def breaking(self) -> tuple[ApiChange, ...]:
        """The changes that may break a caller."""
        return tuple(each for each in self.changes if each.breaking)


class RanBy(StrEnum):
    """Who executed a line."""

    SUITE = "suite"
    TESTS = "the fix's test files"
    EXPLOITS = "exploits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The changed lines of the patched tree by path, from 1: those that can run, and those that did, by whom.

    `tool` names what measured; `problems` say why somebody's lines are not known.
    """

    tool: str = ""
    executable: dict[str, list[int]] = field(default_factory=dict)
    ran: dict[RanBy, dict[str, list[int]]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


class Difference(StrEnum):
    """How the outcomes of one call differ on the two sides."""

    RESULT = "another result"
    EXCEPTION = "another exception"
    INTERNAL_ERROR = "a new internal error"
    HANGS = "it does not end"
    STATE = "the same result, and another state of what it was given"
    WORDS = "the same exception in other words"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCall:
    """A call whose outcome differs; both outcomes came out the same in every repetition.

    `public` where function and way to it are no private names of the package; `generated` where the arguments are
    ours, made from recorded ones; `as_upstream` where upstream's own fixed release gives the new outcome as well.
    `tests` are the JUnit ids of tests that made it, `reached` the changed files in it.
    """

    function: str
    call: str
    before: str
    after: str
    difference: Difference
    public: bool
    generated: bool
    tests: tuple[str, ...]
    reached: tuple[str, ...]
    as_upstream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One function whose calls were replayed on both sides, in numbers of different calls.

    `recorded` and `generated` were compared, and `returned` of the recorded gave a value; `set_aside` were not, because
    they do not repeat, take too long, or lean on what cannot be carried into another process.
    """

    function: str
    public: bool
    reached: tuple[str, ...]
    recorded: int
    returned: int
    generated: int
    set_aside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything seen by running the package: `problem` says why nothing could be; `reasons` count what was set aside.

    `seconds` is what it took in the sandbox; `cut_short` tells that a time limit ended some of it, so that another time
    more may be seen.
    """

    coverage: Coverage = field(default_factory=Coverage)
    watched: tuple[Watched, ...] = ()
    changed: tuple[ChangedCall, ...] = ()
    reasons: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    seconds: float = 0.0
    cut_short: bool = False
