"""How a piece of work ended; matched exhaustively by whoever asked for it."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[T]):
    """The work is done and this is its result."""

    value: T


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToDo:
    """There was nothing to do, and that is fine."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """An expected "no": `code` is stable and dotted (`plan.no-fix-commit`), `why` is for people."""

    code: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The world was in the way; a `transient` failure may succeed when tried again."""

    code: str
    why: str
    transient: bool = False


Outcome: TypeAlias = Done[T] | NothingToDo | Declined | Failed
