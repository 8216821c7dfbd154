"""The sandbox in which everything that is not ours runs; see docs/explanation/sandbox.md.

There is one way to run a command here, `run`, over several backends, and it has no fallback: where none of them works
it raises, unless the one switch was thrown that has `unsafe` in its name.
"""

from avr.tools.sandbox.choice import BACKENDS, chosen, is_unsafe, taken, unsafe_allow_no_isolation
from avr.tools.sandbox.command import Command, Completed, Mount, Problem
from avr.tools.sandbox.running import facts, problem, run
from avr.tools.sandbox.unsafe import NOT_ISOLATED

__all__ = [
    "BACKENDS",
    "NOT_ISOLATED",
    "Command",
    "Completed",
    "Mount",
    "Problem",
    "chosen",
    "facts",
    "is_unsafe",
    "problem",
    "run",
    "taken",
    "unsafe_allow_no_isolation",
]
