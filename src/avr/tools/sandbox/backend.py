"""What makes sandboxes, as `run` sees it: one port, and what one run is given."""

import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from avr.errors import AvrError
from avr.tools.sandbox.cgroups import Group
from avr.tools.sandbox.command import Command
from avr.tools.sandbox.users import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One command with everything around it; `folder` is empty, made for this run and removed after it."""

    command: Command
    user: User
    limits: Group
    folder: Path


class Session(Protocol):
    """One command from its start to its end."""

    def start(self) -> subprocess.Popen[bytes]:
        """Start it; standard output is a pipe that carries the command's standard output and error."""

    def status(self) -> int | None:
        """A descriptor with messages of the backend, open until the command's end; None where there is none."""

    def take(self, data: bytes) -> None:
        """Take what `status` carried."""

    def first_process(self) -> int | None:
        """The process, in the host's numbers, with which all others end; None where it is not known (yet)."""

    def kill(self) -> None:
        """End every process of the command."""

    def exit_code(self, process: subprocess.Popen[bytes]) -> int | None:
        """The command's own exit code; None where the backend failed or something ended it."""

    def failure(self, process: subprocess.Popen[bytes], output: bytes) -> AvrError:
        """Why there is no exit code."""


class Backend(Protocol):
    """Something that makes sandboxes."""

    @property
    def name(self) -> str:
        """The word by which it is chosen."""

    def problem(self) -> str | None:
        """Why it cannot be used here, with the command that helps; None where it can."""

    def facts(self) -> dict[str, str]:
        """What holds the sandbox together, for the evidence: `sandbox`, `rights`, `system calls`."""

    def shares_memory_limit(self) -> bool:
        """Whether its processes join the control group that they are given."""

    def session(self, given: Given) -> AbstractContextManager[Session]:
        """A session; nothing of it is left when the context ends."""
