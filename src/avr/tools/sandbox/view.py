"""What a command sees and may use, whichever program makes the sandbox: one list for all of them."""

import os
from collections.abc import Iterator
from math import ceil
from pathlib import Path, PurePosixPath

from avr.tools.sandbox.command import Command
from avr.tools.sandbox.users import User

SHARED_MEMORY = 64 << 20
"""Bytes of /dev/shm."""

_TOP = ("bin", "sbin", "lib", "lib32", "lib64")
_ETC = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "services",
        "protocols", "ssl/certs", "ssl/openssl.cnf", "ca-certificates", "pki/tls/certs", "debian_version")  # fmt: skip
_ETC_MADE = ("passwd", "group", "hosts", "nsswitch.conf", "host.conf", "resolv.conf")


def links() -> dict[str, str]:
    """Links of the root folder as path and target: /bin and its like on systems that keep all of it in /usr."""
    return {f"/{name}": f"usr/{name}" for name in _TOP if (Path("/") / name).is_symlink()}


def system() -> Iterator[str]:
    """Files and folders of the host that are shown read-only at their own paths."""
    yield "/usr"
    yield from (f"/{name}" for name in _TOP if (Path("/") / name).is_dir() and not (Path("/") / name).is_symlink())
    yield from (f"/etc/{name}" for name in _ETC if (Path("/etc") / name).exists())


def write_etc(folder: Path, user: User) -> dict[str, Path]:
    """Make the files of /etc that are not shared, so that nothing of the host's users is seen; by path inside."""
    made = {}
    for name, text in _etc_files(user).items():
        made[f"/etc/{name}"] = folder / name
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o644)
    return made


def environment(command: Command) -> dict[str, str]:
    """The whole environment of the command, with PWD as bubblewrap sets it by itself."""
    default = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108
    return {**default, **command.env, "PWD": command.cwd}


def parents(target: str) -> tuple[str, ...]:
    """Folders above a path inside, outermost first, without the root and those that every sandbox has."""
    above = reversed(PurePosixPath(target).parents[:-1])
    return tuple(str(each) for each in above if str(each) not in {"/tmp", "/usr", "/etc"})  # noqa: S108


def limits(command: Command, as_limit: int | None) -> tuple[str, ...]:
    """Arguments of prlimit: limits of each process, `as_limit` in bytes of address space.

    They are set inside, where the number of tasks counts for the sandbox's own user.
    """
    cpu = (ceil(command.seconds) + 1) * (os.cpu_count() or 1)
    memory = () if as_limit is None else (f"--as={as_limit}:{as_limit}",)
    return (*memory, f"--cpu={cpu}:{cpu}", f"--fsize={command.disk}:{command.disk}",
            "--nofile=1024:1024", "--core=0:0", f"--nproc={command.processes}:{command.processes}", "--")  # fmt: skip


def _etc_files(user: User) -> dict[str, str]:
    contents = (
        f"root:x:0:0::/nonexistent:/bin/false\nsandbox:x:{user.uid}:{user.gid}::/tmp:/bin/sh\n",
        f"root:x:0:\nsandbox:x:{user.gid}:\n",
        "127.0.0.1 localhost localhost. sandbox\n::1 localhost localhost.\n",
        "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n",
        "multi on\n",
        "",
    )
    return dict(zip(_ETC_MADE, contents, strict=True))
