"""No isolation at all: for a machine that is thrown away afterwards, and never without `--unsafe-no-sandbox`.

What needs no isolation still holds: root gives its rights up for a user id that nobody else has, and time, output,
memory, tasks and disk are limited. Nothing is hidden: network, world-readable files and other processes are in reach.
Mounts are links in the host's own root folder, so that only root can, and one command runs at a time.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from avr.errors import AvrError
from avr.tools.sandbox import users, view
from avr.tools.sandbox.backend import Given, Session
from avr.tools.sandbox.command import Mount
from avr.tools.sandbox.users import User

NAME = "unsafe-none"
NOT_ISOLATED = "none (unsafe)"
"""The fact `sandbox` of what ran without isolation."""
_SCRATCH = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108
_ENTRY = (
    'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; '
    'uid=$1 gid=$2 setpriv=$3; shift 3; "$@" 2>&1; code=$?; '
    '"$setpriv" --reuid "$uid" --regid "$gid" --clear-groups -- /bin/sh -c "kill -KILL -1"; exit $code'
)
"""Joins the groups, runs the command, and ends whatever its user left running."""


@dataclass(frozen=True, slots=True)
class NoIsolation:
    """The backend that isolates nothing; it cannot be chosen, only allowed."""

    name: str = NAME

    def problem(self) -> str | None:
        """Why it cannot be used here; None where it can."""
        missing = [each for each in ("setpriv", "prlimit") if shutil.which(each) is None]
        if missing:
            return f"{' and '.join(missing)} not found on PATH"
        if not (user := users.choose()).dropped:
            return "without isolation avr has to be root, so that it can give its rights up"
        return None if users.is_unclaimed(user) else "no user id is free here that nobody else has"

    def facts(self) -> dict[str, str]:
        """What holds, which is little."""
        return {"sandbox": NOT_ISOLATED, "rights": "setpriv to an unclaimed user id", "system calls": "not filtered"}

    def shares_memory_limit(self) -> bool:
        """It is started from within the group."""
        return True

    @contextlib.contextmanager
    def session(self, given: Given) -> Iterator[Session]:
        """A session; raises `AvrError` `sandbox.unsafe` where even that cannot be."""
        if (why := self.problem()) is not None:
            raise AvrError("sandbox.unsafe", f"cannot run without isolation: {why}", hint="see avr doctor")
        with _alone(), _reachable(given.command.mounts), _links(given.command.mounts):
            session = _Session(given=given)
            try:
                yield session
            finally:
                session.kill()
                _sweep(given.user)


@dataclass(slots=True, kw_only=True)
class _Session:
    """One command under a shell of root's that cleans up behind it."""

    given: Given

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", _ENTRY, "avr-unsafe", *self.given.limits.procs_files, "--", *self._line()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=self.given.command.cwd,
            env={},
        )

    def status(self) -> int | None:
        return None

    def take(self, data: bytes) -> None:
        """Nothing is said on the way."""

    def first_process(self) -> int | None:
        return None

    def kill(self) -> None:
        """End everything that runs under the command's user id."""
        line = [_program("setpriv"), *users.dropping(self.given.user), "/bin/sh", "-c", "kill -KILL -1"]
        while _running(self.given.user):
            subprocess.run(line, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={})
            time.sleep(0.01)

    def exit_code(self, process: subprocess.Popen[bytes]) -> int | None:
        return process.returncode if process.returncode >= 0 else None

    def failure(self, process: subprocess.Popen[bytes], output: bytes) -> AvrError:
        del output
        return AvrError("sandbox.failed", f"the command's shell ended with {process.returncode}")

    def _line(self) -> Iterator[str]:
        command, user = self.given.command, self.given.user
        as_limit = None if self.given.limits.limits_memory else command.memory
        setpriv = _program("setpriv")
        yield from (str(user.uid), str(user.gid), setpriv, setpriv, *users.dropping(user))
        yield from (_program("env"), "-i")
        yield from (f"{name}={value}" for name, value in view.environment(command).items())
        yield _program("prlimit")
        yield from view.limits(command, as_limit)
        yield from command.argv


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One command on the machine at a time, since all see the same links and the same /tmp."""
    handle = os.open("/", os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _reachable(mounts: Sequence[Mount]) -> Iterator[None]:
    """Let the command's user pass the folders above a mount: our own temporary ones for the time, no others."""
    temporary = Path(tempfile.gettempdir()).resolve()
    above = {each for mount in mounts for each in mount.source.resolve().parents}
    closed = [each for each in sorted(above) if not each.stat().st_mode & stat.S_IXOTH]
    for folder in closed:
        if temporary not in folder.parents:
            message = f"without isolation {str(folder)!r} would have to be open to everyone"
            raise AvrError(
                "sandbox.unsafe",
                message,
                hint="set AVR_CACHE to, and have interpreters in, folders that others may enter",
            )
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in closed}
    try:
        for folder, mode in modes.items():
            folder.chmod(mode | stat.S_IXOTH)
        yield
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)


@contextlib.contextmanager
def _links(mounts: Sequence[Mount]) -> Iterator[None]:
    """Show each mount as a link at its target; nothing that is there already is touched."""
    with contextlib.ExitStack() as stack:
        for mount in mounts:
            target = Path(mount.target)
            if os.path.lexists(target) or target.resolve() != target:
                message = f"cannot show {mount.target!r} without isolation: something is there, or above it, already"
                raise AvrError("sandbox.unsafe", message, hint="remove it if a run that was killed left it there")
            for parent in view.parents(mount.target):
                if not Path(parent).exists():
                    Path(parent).mkdir(mode=0o755)
                    stack.callback(_gone, Path(parent))
            target.symlink_to(mount.source.resolve())
            stack.callback(target.unlink)
        yield


def _gone(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _running(user: User) -> bool:
    """Whether a process of this user is alive; the dead that nobody has waited for do not count."""
    for path in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            lines = path.read_text(encoding="utf-8", errors="replace")
            if f"\nUid:\t{user.uid}\t" in lines and "\nState:\tZ" not in lines:
                return True
    return False


def _sweep(user: User) -> None:
    """Remove what this user left in the folders that anyone may write to."""
    for folder in _SCRATCH:
        for path in folder.iterdir() if folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if path.lstat().st_uid != user.uid:
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise AvrError("sandbox.unsafe", f"no {name!r} on PATH", hint="see avr doctor")
    return found
