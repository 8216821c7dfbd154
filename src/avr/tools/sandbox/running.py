"""Running one command in the sandbox, with its time, output and disk watched from outside."""

import contextlib
import json
import os
import selectors
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from avr.errors import AvrError
from avr.tools.sandbox import bubblewrap, seccomp
from avr.tools.sandbox.bubblewrap import User
from avr.tools.sandbox.cgroups import Group, group
from avr.tools.sandbox.command import Command, Completed, Problem

OUTPUT_LIMIT = 4 << 20
_LOOK_EVERY = 0.25
_JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'


def run(command: Command) -> Completed:
    """Run `command` and wait for it; every process that it started is gone when this returns.

    Raises `AvrError` `sandbox.unavailable` where no sandbox can be made; there is no way to run without one.
    """
    user = bubblewrap.choose_user()
    with (
        group(memory=command.memory, processes=command.processes + 8) as limits,
        tempfile.TemporaryDirectory(prefix="avr-etc-") as folder,
    ):
        etc = _write_etc(Path(folder), user)
        as_limit = None if limits.limits_memory else command.memory
        line = tuple(bubblewrap.arguments(command, user, etc, as_limit=as_limit))
        for mount in command.mounts:
            if mount.writable and user.dropped:
                _give(mount.source, user)
        return _Watch(command=command, limits=limits).run(line)


def facts() -> dict[str, str]:
    """How limits are held on this machine, for evidence and for `avr doctor`."""
    with group(memory=1 << 26, processes=16) as limits:
        by = f"cgroup v{limits.version}" if limits.folders else "prlimit alone (memory counts for each process)"
        held = ", ".join(sorted(limits.folders))
    rights = "setpriv to an unclaimed user id" if bubblewrap.choose_user().dropped else "user namespace"
    calls = "small deny list" if seccomp.program() else "not filtered (unknown processor)"
    return {
        "sandbox": "bubblewrap",
        "rights": rights,
        "limits": f"{by}: {held}" if held else by,
        "system calls": calls,
    }


def _write_etc(folder: Path, user: User) -> Path:
    for name, text in bubblewrap.etc_files(user).items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o644)
    return folder


def _give(folder: Path, user: User) -> None:
    """Hand a folder made for this run to the sandbox's user; links are not followed."""
    os.chown(folder, user.uid, user.gid, follow_symlinks=False)
    for _, folders, files, handle in os.fwalk(folder, follow_symlinks=False):
        for name in (*folders, *files):
            os.chown(name, user.uid, user.gid, dir_fd=handle, follow_symlinks=False)


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
class _Watch:
    """One running command: reads its output and ends it when a limit is passed."""

    command: Command
    limits: Group
    output: _Output = field(default_factory=_Output)
    status: dict[str, int] = field(default_factory=dict)
    unread: bytes = b""
    full: bool = False

    def run(self, line: Sequence[str]) -> Completed:
        started = time.monotonic()
        reader, writer = os.pipe()
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, reader)
            try:
                process = self._start(line, writer)
            finally:
                os.close(writer)
            stack.callback(self._end, process)
            problem = self._follow(process, reader, started + self.command.seconds)
            self._end(process)
        return self._completed(process, problem, time.monotonic() - started)

    def _start(self, line: Sequence[str], writer: int) -> subprocess.Popen[bytes]:
        with _filter() as calls:
            options = ["--json-status-fd", str(writer)] + (["--seccomp", str(calls)] if calls is not None else [])
            return subprocess.Popen(
                ["/bin/sh", "-c", _JOIN, "avr-sandbox", *self.limits.procs_files, "--", line[0], *options, *line[1:]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(writer,) if calls is None else (writer, calls),
                start_new_session=True,
                env={},
            )

    def _follow(self, process: subprocess.Popen[bytes], reader: int, deadline: float) -> Problem:
        """Read until every process of the sandbox has let go of its output, or a limit is passed."""
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(reader, selectors.EVENT_READ)
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
                    elif key.fd == reader:
                        self._take_status(data)
                    else:
                        self.output.add(data)
        return ""

    def _take_status(self, data: bytes) -> None:
        """Read what bubblewrap says, https://github.com/containers/bubblewrap: JSON objects, one a line, in pieces."""
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError):
                self.status.update(json.loads(line))

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """End the sandbox: without its first process the kernel ends all the others of the pid namespace."""
        if process.returncode is None:
            for pid in (self.status.get("child-pid"), process.pid):
                with contextlib.suppress(ProcessLookupError):
                    if pid and process.poll() is None:
                        os.kill(pid, signal.SIGKILL)
            self.limits.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _writable_use(self) -> int:
        return sum(_use(mount.source) for mount in self.command.mounts if mount.writable)

    def _temporary_full(self) -> bool:
        """Whether the private /tmp has no room left, as seen through the sandbox's first process."""
        pid = self.status.get("child-pid")
        try:
            state = os.statvfs(f"/proc/{pid}/root/tmp")
        except OSError:
            return False
        return bool(state.f_blocks) and state.f_bavail == 0

    def _completed(self, process: subprocess.Popen[bytes], problem: Problem, seconds: float) -> Completed:
        exit_code = self.status.get("exit-code")
        if not problem and self.limits.ran_out_of_memory():
            problem = "memory"
        if not problem and self.full and exit_code != 0:
            problem = "disk"
        if not problem and exit_code is None:
            raise self._failure(process)
        ended = problem == "timeout" or (problem == "disk" and not self.full)
        return Completed(
            exit_code=None if ended else exit_code, output=self.output.content(), seconds=seconds, problem=problem
        )

    def _failure(self, process: subprocess.Popen[bytes]) -> AvrError:
        if bubblewrap.problem() is not None:
            return bubblewrap.unavailable()
        said = self.output.content().decode("utf-8", "replace").strip().splitlines()
        last = said[-1] if said else f"exit code {process.returncode}"
        return AvrError("sandbox.failed", f"the sandbox ended without a result: {last!r}", hint="see avr doctor")


@contextlib.contextmanager
def _filter() -> Iterator[int | None]:
    """An open file with the system call filter, where one is known for this processor."""
    code = seccomp.program()
    if code is None:
        yield None
        return
    with os.fdopen(os.memfd_create("avr-seccomp"), "wb") as file:
        file.write(code)
        file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        yield file.fileno()


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
