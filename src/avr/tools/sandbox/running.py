"""Running one command in a sandbox: the one way for everything that is not ours."""

import tempfile
from pathlib import Path

from avr.errors import AvrError
from avr.tools.sandbox import users
from avr.tools.sandbox.backend import Given
from avr.tools.sandbox.cgroups import group
from avr.tools.sandbox.choice import chosen
from avr.tools.sandbox.command import Command, Completed
from avr.tools.sandbox.watching import Watch


def run(command: Command) -> Completed:
    """Run `command` and wait for it; every process that it started is gone when this returns.

    Raises `AvrError` `sandbox.unavailable` where no sandbox can be made; there is no way to run without one.
    """
    backend, user = chosen(), users.choose()
    with (
        group(memory=command.memory, processes=command.processes + 8) as limits,
        tempfile.TemporaryDirectory(prefix="avr-box-") as folder,
    ):
        given = Given(command=command, user=user, limits=limits, folder=Path(folder))
        for mount in command.mounts:
            if mount.writable and user.dropped:
                users.give(mount.source, user)
        with backend.session(given) as session:
            return Watch(command=command, limits=limits, session=session).run()


def problem() -> str | None:
    """Why nothing can be run here, with the command that helps; None where something can."""
    try:
        chosen()
    except AvrError as error:
        return error.message.removeprefix("no sandbox is available: ")
    return None


def facts() -> dict[str, str]:
    """What makes the sandbox and how limits are held, for evidence and for `avr doctor`."""
    backend = chosen()
    with group(memory=1 << 26, processes=16) as limits:
        shared = bool(limits.folders) and backend.shares_memory_limit()
        by = f"cgroup v{limits.version}" if shared else "prlimit alone (memory counts for each process)"
        held = ", ".join(sorted(limits.folders)) if shared else ""
    return {**backend.facts(), "limits": f"{by}: {held}" if held else by}
