"""One running command: reads its output and ends it when a limit is passed, whatever made its sandbox."""

import contextlib
import os
import selectors
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from avr.tools.sandbox.backend import Session
from avr.tools.sandbox.cgroups import Group
from avr.tools.sandbox.command import Command, Completed, Problem

OUTPUT_LIMIT = 4 << 20
_LOOK_EVERY = 0.25
_LEAVES_WITHIN = 10.0


@dataclass(slots=True, kw_only=True)
class _Output:
    """The first and the last half of what was written, in constant space."""

    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    dropped: int = 0

    def add(self, data: bytes) -> None:
        room = OUTPUT_LIMIT // 2 - len(self.head)
        self.head += data[:room]
        self.tail += data[room:]
        excess = len(self.tail) - OUTPUT_LIMIT // 2
        if excess > 0:
            self.dropped += excess
            del self.tail[:excess]

    def content(self) -> bytes:
        note = f"\n[... {self.dropped} bytes left out ...]\n".encode() if self.dropped else b""
        return bytes(self.head) + note + bytes(self.tail)


@dataclass(slots=True, kw_only=True)
class Watch:
    """Follows one session from its start to its end."""

    command: Command
    limits: Group
    session: Session
    output: _Output = field(default_factory=_Output)
    full: bool = False

    def run(self) -> Completed:
        """Run to the end; every process of the session is gone when this returns.

        Raises `AvrError` `sandbox.*` where the backend failed.
        """
        started = time.monotonic()
        process = self.session.start()
        try:
            problem = self._follow(process, started + self.command.seconds)
            if not problem:
                _let_end(process)
        finally:
            self._end(process)
        return self._completed(process, problem, time.monotonic() - started)

    def _follow(self, process: subprocess.Popen[bytes], deadline: float) -> Problem:
        """Read until every process of the sandbox has let go of its output, or a limit is passed."""
        assert process.stdout is not None
        status = self.session.status()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if status is not None:
                selector.register(status, selectors.EVENT_READ)
            look = time.monotonic() + _LOOK_EVERY
            while selector.get_map():
                now = time.monotonic()
                if now >= deadline:
                    return "timeout"
                if now >= look:
                    look = now + _LOOK_EVERY
                    if self._writable_use() > self.command.disk:
                        return "disk"
                    self.full = self.full or self._temporary_full()
                for key, _ in selector.select(min(look, deadline) - now):
                    data = os.read(key.fd, 1 << 16)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fd == status:
                        self.session.take(data)
                    else:
                        self.output.add(data)
        return ""

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """End the sandbox: without its first process the kernel ends all the others of the pid namespace."""
        if process.returncode is None:
            for pid in (self.session.first_process(), process.pid):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    if pid and process.poll() is None:
                        os.kill(pid, signal.SIGKILL)
            self.session.kill()
            self.limits.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _writable_use(self) -> int:
        return sum(_use(mount.source) for mount in self.command.mounts if mount.writable)

    def _temporary_full(self) -> bool:
        """Whether the private /tmp has no room left, as seen through the sandbox's first process."""
        pid = self.session.first_process()
        try:
            state = os.statvfs(f"/proc/{pid}/root/tmp")
        except OSError:
            return False
        return bool(state.f_blocks) and state.f_bavail == 0

    def _completed(self, process: subprocess.Popen[bytes], problem: Problem, seconds: float) -> Completed:
        ended = problem != ""
        exit_code = None if ended else self.session.exit_code(process)
        if not problem and self.limits.ran_out_of_memory():
            problem = "memory"
        if not problem and self.full and exit_code != 0:
            problem = "disk"
        if not problem and exit_code is None:
            raise self.session.failure(process, self.output.content())
        return Completed(exit_code=exit_code, output=self.output.content(), seconds=seconds, problem=problem)


def _let_end(process: subprocess.Popen[bytes]) -> None:
    """Wait for the exit code of a backend that has closed its output and is about to leave."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_LEAVES_WITHIN)


def _use(folder: Path) -> int:
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    """Bytes on disk of what lies under a folder that is being written to; what vanishes on the way counts nothing."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            with contextlib.suppress(OSError):
                state = entry.stat(follow_symlinks=False)
                yield state.st_blocks * 512
                if stat.S_ISDIR(state.st_mode):
                    yield from _sizes(Path(entry.path))
