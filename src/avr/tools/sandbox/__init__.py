"""The sandbox in which everything that is not ours runs; see docs/explanation/sandbox.md.

There is one way to run a command here, `run`, and it has no fallback: where no sandbox can be made it raises.
"""

from avr.tools.sandbox.bubblewrap import problem
from avr.tools.sandbox.command import Command, Completed, Mount, Problem
from avr.tools.sandbox.running import facts, run

__all__ = ["Command", "Completed", "Mount", "Problem", "facts", "problem", "run"]
