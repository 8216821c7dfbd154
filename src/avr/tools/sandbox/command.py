"""What is asked of the sandbox and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

Problem = Literal["", "timeout", "memory", "disk"]
"""Which limit ended or spoilt a command; empty where none did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A host file or folder shown inside at `target`, an absolute normalised path; read-only unless `writable`.

    A writable source is given to the sandbox's user for the run (all of its content changes owner where the caller is
    root), so it must be a folder made for this run. What is found in it afterwards is hostile: links, pipes, bombs.
    """

    source: Path
    target: str
    writable: bool = False

    def __post_init__(self) -> None:
        """Refuse targets that would shadow what the sandbox itself provides."""
        path = PurePosixPath(self.target)
        assert path.is_absolute(), f"{self.target!r} is not absolute"
        assert str(path) == self.target, f"{self.target!r} is not normalised"
        assert ".." not in path.parts, f"{self.target!r} climbs up"
        assert path.parts[1:2] not in ((), ("proc",), ("dev",)), f"{self.target!r} belongs to the sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program with everything that it may see and spend.

    `env` is the whole environment apart from defaults for PATH, HOME, LANG and TMPDIR. `seconds` is wall time,
    `memory` bytes of all processes together (of each alone where no cgroup can be made), `disk` bytes of the private
    /tmp and, separately, of all writable mounts together, `processes` the number of tasks at once.
    """

    argv: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "/tmp"  # noqa: S108 - the sandbox's own /tmp
    seconds: float = 60.0
    memory: int = 1 << 30
    disk: int = 256 << 20
    processes: int = 256

    def __post_init__(self) -> None:
        """Refuse what cannot be passed on faithfully."""
        assert self.argv, "no program"
        assert not any("\0" in text for text in (*self.argv, *self.env, *self.env.values())), "NUL in an argument"
        assert self.seconds > 0
        assert min(self.memory, self.disk, self.processes) > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a command ended.

    `exit_code` is None where a limit ended it, and 128 + N for signal N. `output` is standard output and standard
    error as they came, at most `OUTPUT_LIMIT` bytes: the first half and the last half with a note between.
    """

    exit_code: int | None
    output: bytes
    seconds: float
    problem: Problem = ""

    @property
    def text(self) -> str:
        """The output as text for people; undecodable bytes are escaped."""
        return self.output.decode("utf-8", "backslashreplace")
