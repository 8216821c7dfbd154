"""The bubblewrap command line: what is mounted, unshared and dropped; https://github.com/containers/bubblewrap.

As root the mounts are made without a user namespace (a folder that only root may enter can then be shown inside) and
setpriv drops to a user id that nobody else has. Anyone else gets a user namespace in which no further one can be made.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path, PurePosixPath

from avr.errors import AvrError
from avr.tools.sandbox.command import Command, Mount

_INSTALL = {
    "apt-get": "apt-get install -y bubblewrap",
    "dnf": "dnf install -y bubblewrap",
    "apk": "apk add bubblewrap util-linux",
    "pacman": "pacman -S bubblewrap",
    "zypper": "zypper install bubblewrap",
}
_ETC = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "services",
        "protocols", "ssl/certs", "ssl/openssl.cnf", "ca-certificates", "pki/tls/certs", "debian_version")  # fmt: skip
_ETC_MADE = ("passwd", "group", "hosts", "nsswitch.conf", "host.conf", "resolv.conf")
_UNCLAIMED_IDS = range(1_900_000_000, 2_100_000_000)
"""Above the ranges that systemd and container tools hand out, https://systemd.io/UIDS-GIDS/."""
_SHARED_MEMORY = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who runs inside; `dropped` tells that root has to give up its rights on the way in."""

    uid: int
    gid: int
    dropped: bool


def problem() -> str | None:
    """Why no sandbox can be made here, with the command that helps; None where one can."""
    missing = [name for name in ("bwrap", "setpriv", "prlimit") if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} not found on PATH; install with: {_install_command()}"
    probe = Command(argv=("/usr/bin/true",))
    line = [*arguments(probe, choose_user(), Path("/etc"), as_limit=None)]
    try:
        done = subprocess.run(line, capture_output=True, stdin=subprocess.DEVNULL, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return "bwrap does not answer"
    if done.returncode == 0:
        return None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"bwrap cannot make a sandbox here: {said[-1] if said else f'exit code {done.returncode}'!r}"


def unavailable() -> AvrError:
    """The error to raise where a sandbox is needed and none can be made."""
    why = problem() or "bwrap failed"
    return AvrError(
        "sandbox.unavailable",
        f"no sandbox is available: {why}",
        hint=f"install bubblewrap ({_install_command()}), or allow user namespaces; nothing runs without a sandbox",
    )


def choose_user() -> User:
    """A user for one run: the caller where that is not root, else an id that no other process has."""
    if os.geteuid() != 0:
        return User(uid=os.geteuid(), gid=os.getegid(), dropped=False)
    mapped = sum(int(line.split()[2]) for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines())
    if mapped > _UNCLAIMED_IDS.stop:
        chosen = _UNCLAIMED_IDS.start + secrets.randbelow(len(_UNCLAIMED_IDS))
        return User(uid=chosen, gid=chosen, dropped=True)
    nobody = 65534 if mapped > 65534 else max(1, mapped - 1)
    return User(uid=nobody, gid=nobody, dropped=True)


def arguments(command: Command, user: User, etc: Path, *, as_limit: int | None) -> Iterator[str]:
    """The whole command line; `etc` holds the files made for the sandbox, `as_limit` is bytes of address space."""
    yield _program("bwrap")
    yield from _namespaces(user)
    yield from ("--die-with-parent", "--new-session", "--clearenv")
    for name, value in _environment(command).items():
        yield from ("--setenv", name, value)
    yield from _system(command, etc)
    for mount in command.mounts:
        yield from _mount(mount)
    yield from ("--remount-ro", "/", "--chdir", command.cwd, "--")
    yield from _dropping(user)
    yield from _limits(command, as_limit)
    yield from command.argv


def etc_files(user: User) -> dict[str, str]:
    """The few files of /etc that are made rather than shared, so that nothing of the host's users is seen."""
    contents = (
        f"root:x:0:0::/nonexistent:/bin/false\nsandbox:x:{user.uid}:{user.gid}::/tmp:/bin/sh\n",
        f"root:x:0:\nsandbox:x:{user.gid}:\n",
        "127.0.0.1 localhost localhost. sandbox\n::1 localhost localhost.\n",
        "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n",
        "multi on\n",
        "",
    )
    return dict(zip(_ETC_MADE, contents, strict=True))


def _namespaces(user: User) -> tuple[str, ...]:
    if user.dropped:
        return ("--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
                "--hostname", "sandbox")  # fmt: skip
    return ("--unshare-all", "--unshare-user", "--disable-userns", "--hostname", "sandbox")


def _environment(command: Command) -> dict[str, str]:
    default = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108
    return {**default, **command.env}


def _system(command: Command, etc: Path) -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        top = Path("/") / name
        if top.is_symlink():
            yield from ("--symlink", f"usr/{name}", str(top))
        elif top.is_dir():
            yield from ("--ro-bind", str(top), str(top))
    yield from ("--perms", "0755", "--dir", "/etc")
    for name in _ETC:
        if (Path("/etc") / name).exists():
            yield from _folders(f"/etc/{name}")
            yield from ("--ro-bind", f"/etc/{name}", f"/etc/{name}")
    for name in _ETC_MADE:
        yield from ("--ro-bind-try", str(etc / name), f"/etc/{name}")
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--perms", "1777", "--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm", "--remount-ro", "/dev")  # noqa: S108
    yield from ("--perms", "1777", "--size", str(command.disk), "--tmpfs", "/tmp")  # noqa: S108


def _mount(mount: Mount) -> Iterator[str]:
    yield from _folders(mount.target)
    yield from ("--bind" if mount.writable else "--ro-bind", str(mount.source.resolve()), mount.target)


def _folders(target: str) -> Iterator[str]:
    """Parents that anyone may enter: those that bubblewrap makes by itself are for their owner alone."""
    for parent in reversed(PurePosixPath(target).parents[:-1]):
        if str(parent) not in {"/tmp", "/usr", "/etc"}:  # noqa: S108
            yield from ("--perms", "0755", "--dir", str(parent))


def _dropping(user: User) -> tuple[str, ...]:
    if not user.dropped:
        return ()
    return (_program("setpriv"), "--reuid", str(user.uid), "--regid", str(user.gid), "--clear-groups",
            "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--no-new-privs", "--")  # fmt: skip


def _limits(command: Command, as_limit: int | None) -> Iterable[str]:
    """Limits of each process; set inside, where the number of tasks counts for the sandbox's own user."""
    cpu = (ceil(command.seconds) + 1) * (os.cpu_count() or 1)
    memory = () if as_limit is None else (f"--as={as_limit}:{as_limit}",)
    return (_program("prlimit"), *memory, f"--cpu={cpu}:{cpu}", f"--fsize={command.disk}:{command.disk}",
            "--nofile=1024:1024", "--core=0:0", f"--nproc={command.processes}:{command.processes}", "--")  # fmt: skip


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise unavailable()
    return found


def _install_command() -> str:
    found = next((line for tool, line in _INSTALL.items() if shutil.which(tool)), "apt-get install -y bubblewrap")
    return found if os.geteuid() == 0 else f"sudo {found}"
