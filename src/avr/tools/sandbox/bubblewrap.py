"""Sandboxes by bubblewrap: what is mounted, unshared and dropped; https://github.com/containers/bubblewrap.

As root the mounts are made without a user namespace (a folder that only root may enter can then be shown inside) and
setpriv drops to a user id that nobody else has. Anyone else gets a user namespace in which no further one can be made.
"""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from avr.errors import AvrError
from avr.tools.sandbox import install, seccomp, users, view
from avr.tools.sandbox.backend import Given, Session
from avr.tools.sandbox.command import Command, Mount
from avr.tools.sandbox.users import User

NAME = "bubblewrap"
_JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The backend that is taken where it works."""

    name: str = NAME

    def problem(self) -> str | None:
        """Why it cannot be used here, with the command that helps; None where it can."""
        missing = [name for name in ("bwrap", "setpriv", "prlimit") if shutil.which(name) is None]
        if missing:
            return f"{' and '.join(missing)} not found on PATH; install with: {install.command(NAME)}"
        line = [*_arguments(Command(argv=("/usr/bin/true",)), users.choose(), {}, as_limit=None)]
        try:
            done = subprocess.run(line, capture_output=True, stdin=subprocess.DEVNULL, timeout=20, check=False)
        except subprocess.TimeoutExpired:
            return "bwrap does not answer"
        if done.returncode == 0:
            return None
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return f"bwrap cannot make a sandbox here: {said[-1] if said else f'exit code {done.returncode}'!r}"

    def facts(self) -> dict[str, str]:
        """What holds the sandbox together."""
        rights = "setpriv to an unclaimed user id" if users.choose().dropped else "user namespace"
        calls = "small deny list" if seccomp.program() else "not filtered (unknown processor)"
        return {"sandbox": NAME, "rights": rights, "system calls": calls}

    def shares_memory_limit(self) -> bool:
        """Always: it is started from within the group."""
        return True

    @contextlib.contextmanager
    def session(self, given: Given) -> Iterator[Session]:
        """A session; the kernel ends what is in it when avr or bubblewrap's first process ends."""
        etc = view.write_etc(given.folder, given.user)
        as_limit = None if given.limits.limits_memory else given.command.memory
        line = tuple(_arguments(given.command, given.user, etc, as_limit=as_limit))
        reader, writer = os.pipe()
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, reader)
            session = _Session(joins=given.limits.procs_files, line=line, reader=reader, writer=writer)
            stack.callback(session.close_writer)
            yield session


@dataclass(slots=True, kw_only=True)
class _Session:
    """One bubblewrap, which tells its first process and the exit code through a pipe."""

    joins: tuple[str, ...]
    line: tuple[str, ...]
    reader: int
    writer: int
    told: dict[str, int] = field(default_factory=dict)
    unread: bytes = b""

    def start(self) -> subprocess.Popen[bytes]:
        try:
            return self._start()
        finally:
            self.close_writer()

    def _start(self) -> subprocess.Popen[bytes]:
        program, *arguments = self.line
        with _filter() as calls:
            options = ["--json-status-fd", str(self.writer)] + (["--seccomp", str(calls)] if calls is not None else [])
            return subprocess.Popen(
                ["/bin/sh", "-c", _JOIN, "avr-sandbox", *self.joins, "--", program, *options, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(self.writer,) if calls is None else (self.writer, calls),
                start_new_session=True,
                env={},
            )

    def close_writer(self) -> None:
        """Let go of our copy of the pipe's end, so that its reader sees when bubblewrap ends."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def status(self) -> int | None:
        return self.reader

    def take(self, data: bytes) -> None:
        """Read what bubblewrap says, https://github.com/containers/bubblewrap: JSON objects, one a line, in pieces."""
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError):
                self.told.update(json.loads(line))

    def first_process(self) -> int | None:
        return self.told.get("child-pid")

    def kill(self) -> None:
        """Nothing more to do: all is gone with the first process."""

    def exit_code(self, process: subprocess.Popen[bytes]) -> int | None:
        del process
        return self.told.get("exit-code")

    def failure(self, process: subprocess.Popen[bytes], output: bytes) -> AvrError:
        why = Bubblewrap().problem()
        if why is not None:
            hint = f"install bubblewrap ({install.command(NAME)}), or allow user namespaces; see avr doctor"
            return AvrError("sandbox.unavailable", f"no sandbox is available: {why}", hint=hint)
        said = output.decode("utf-8", "replace").strip().splitlines()
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


def _arguments(command: Command, user: User, etc: Mapping[str, Path], *, as_limit: int | None) -> Iterator[str]:
    """The whole command line; `etc` holds the files made for the sandbox, `as_limit` is bytes of address space."""
    yield _program("bwrap")
    yield from _namespaces(user)
    yield from ("--die-with-parent", "--new-session", "--clearenv")
    for name, value in view.environment(command).items():
        yield from ("--setenv", name, value)
    yield from _system(command, etc)
    for mount in command.mounts:
        yield from _mount(mount)
    yield from ("--remount-ro", "/", "--chdir", command.cwd, "--")
    if user.dropped:
        yield from (_program("setpriv"), *users.dropping(user))
    yield _program("prlimit")
    yield from view.limits(command, as_limit)
    yield from command.argv


def _namespaces(user: User) -> tuple[str, ...]:
    if user.dropped:
        return ("--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
                "--hostname", "sandbox")  # fmt: skip
    return ("--unshare-all", "--unshare-user", "--disable-userns", "--hostname", "sandbox")


def _system(command: Command, etc: Mapping[str, Path]) -> Iterator[str]:
    for path, target in view.links().items():
        yield from ("--symlink", target, path)
    yield from ("--perms", "0755", "--dir", "/etc")
    for path in view.system():
        yield from _folders(path)
        yield from ("--ro-bind", path, path)
    for path, source in etc.items():
        yield from ("--ro-bind", str(source), path)
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--perms", "1777", "--size", str(view.SHARED_MEMORY), "--tmpfs", "/dev/shm", "--remount-ro", "/dev")  # noqa: S108
    yield from ("--perms", "1777", "--size", str(command.disk), "--tmpfs", "/tmp")  # noqa: S108


def _mount(mount: Mount) -> Iterator[str]:
    yield from _folders(mount.target)
    yield from ("--bind" if mount.writable else "--ro-bind", str(mount.source.resolve()), mount.target)


def _folders(target: str) -> Iterator[str]:
    """Parents that anyone may enter: those that bubblewrap makes by itself are for their owner alone."""
    for parent in view.parents(target):
        yield from ("--perms", "0755", "--dir", parent)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        hint = f"{install.command(NAME)}; see avr doctor"
        raise AvrError("sandbox.unavailable", f"no sandbox is available: no {name!r} on PATH", hint=hint)
    return found
