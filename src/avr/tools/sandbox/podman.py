"""The command line of podman, https://docs.podman.io: what is mounted, unshared and dropped.

No image is needed and no registry is asked: the container's root is an almost empty folder made for the run, and the
host's own `/usr` and what else `view` names are mounted read-only into it.
"""

import csv
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from avr.tools.sandbox import seccomp, view
from avr.tools.sandbox.backend import Given
from avr.tools.sandbox.command import Mount
from avr.tools.sandbox.users import User

_ENTRY = 'read -r go || exit 125; "$@" </dev/null 2>&1; exit $?'
"""The first process inside: it waits for the word, and then for its child, so that orphans have someone to end them."""
_SHELL = "/init/sh"
"""A copy of the shell that nobody inside may read: such a process cannot be traced by its own user, execve(2)."""
_ONLY_OURS = '[containers]\nlog_driver = "none"\n[engine]\nevents_logger = "none"\n'
"""The whole configuration: one of the host's could add volumes, devices, variables or hooks to every container."""
_LATE = 60
"""Seconds after the time limit at which the engine ends a container by itself, should nobody else be left to do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A podman that works: its path, the options that every call needs, and its version.

    `joins` tells that its containers can be moved into our own control group.
    """

    program: str
    options: tuple[str, ...] = ()
    version: str = ""
    joins: bool = True

    def line(self, *arguments: str) -> list[str]:
        """A whole command line."""
        return [self.program, *self.options, "--log-level", "error", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """What podman itself gets of our environment: where its programs and its state are, and our configuration."""
    configuration = folder / "containers.conf"
    configuration.write_text(_ONLY_OURS, encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_RUNTIME_DIR") if name in os.environ}
    return {**kept, "CONTAINERS_CONF": str(configuration)}


def run(engine: Engine, given: Given, name: str) -> list[str]:
    """The line that makes the container `name` and its folders; its process's number comes into `pid_file`."""
    root = given.folder / "root"
    return engine.line(
        "run", "--name", name, "--pidfile", str(pid_file(given.folder)),
        "--interactive", "--attach", "stdin", "--attach", "stdout", "--log-driver", "none",
        "--stop-signal", "KILL", "--stop-timeout", "0", "--timeout", str(ceil(given.command.seconds) + _LATE),
        *_namespaces(given.user), *_rights(given), *_files(given, root),
        "--workdir", given.command.cwd,
        "--rootfs", str(root), *_entry(engine, given),
    )  # fmt: skip


def pid_file(folder: Path) -> Path:
    """Where the engine writes the number that the container's first process has on the host."""
    return folder / "pid"


def _namespaces(user: User) -> tuple[str, ...]:
    own = ("--network", "none", "--pid", "private", "--ipc", "private", "--uts", "private", "--cgroupns", "private",
           "--hostname", "sandbox", "--no-hosts")  # fmt: skip
    return own if user.dropped else (*own, "--userns", "keep-id")


def _rights(given: Given) -> Iterator[str]:
    yield from ("--user", f"{given.user.uid}:{given.user.gid}", "--cap-drop", "all")
    yield from ("--security-opt", "no-new-privileges", "--security-opt", "mask=/sys", "--security-opt", "label=disable")
    yield from ("--systemd", "false", "--ulimit", "nofile=1024:1024", "--ulimit", "core=0:0")
    tasks = _tasks()
    yield from ("--ulimit", f"nproc={tasks}:{tasks}")
    if (profile := seccomp.profile()) is not None:
        path = given.folder / "seccomp.json"
        path.write_text(json.dumps(profile), encoding="utf-8")
        yield from ("--security-opt", f"seccomp={path}")


def _tasks() -> int:
    """A limit that may be set without raising our own: prlimit sets the command's, which is lower, inside."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    return 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)


def _files(given: Given, root: Path) -> Iterator[str]:
    """Mounts, and the folders and files of the root on which they are mounted."""
    for folder in ("proc", "sys", "dev", "etc", "run", "tmp"):
        _folder(root / folder)
    (root / "tmp").chmod(0o1777)
    _folder((root / _SHELL.lstrip("/")).parent)
    shutil.copyfile(Path("/bin/sh").resolve(), root / _SHELL.lstrip("/"))
    (root / _SHELL.lstrip("/")).chmod(0o711)
    for path, target in view.links().items():
        (root / path.lstrip("/")).symlink_to(target)
    yield from ("--read-only", "--read-only-tmpfs=false")
    yield from ("--tmpfs", f"/tmp:rw,exec,nosuid,nodev,notmpcopyup,mode=1777,size={given.command.disk}")  # noqa: S108
    yield from ("--tmpfs", f"/dev/shm:rw,exec,nosuid,nodev,notmpcopyup,mode=1777,size={view.SHARED_MEMORY}")  # noqa: S108
    (made := given.folder / "etc").mkdir()
    shown = [Mount(source=source, target=path) for path, source in view.write_etc(made, given.user).items()]
    for mount in (*(_same(path) for path in view.system()), *shown, *given.command.mounts):
        yield from _mount(mount, root)


def _same(path: str) -> Mount:
    return Mount(source=Path(path), target=path)


def _mount(mount: Mount, root: Path) -> Iterator[str]:
    """A mount and, since "read-only" holds for one file system alone, those that lie below it on the host."""
    source = mount.source.resolve()
    for inner in (source, *submounts(source)):
        target = Path(mount.target) / inner.relative_to(source)
        if inner == source:
            _place(root, mount.target, folder=source.is_dir())
        words = ["type=bind", f"source={inner}", f"target={target}", "bind-nonrecursive=true"]
        yield from ("--mount", _joined(words if mount.writable else [*words, "ro=true"]))


def submounts(folder: Path, table: str | None = None) -> tuple[Path, ...]:
    """Where other file systems are mounted below a folder of the host, after proc(5)'s `mountinfo`, parents first."""
    text = Path("/proc/self/mountinfo").read_text(encoding="utf-8") if table is None else table
    points = {Path(_unescaped(line.split(" ")[4])) for line in text.splitlines()}
    return tuple(sorted(each for each in points if folder in each.parents))


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _joined(words: list[str]) -> str:
    """A comma-separated line as podman reads it, RFC 4180."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(words)
    return line.getvalue()


def _place(root: Path, target: str, *, folder: bool) -> None:
    """What a mount lies on, unless it lies within another mount, where the engine finds or makes it."""
    for parent in view.parents(target):
        _folder(root / parent.lstrip("/"))
    place = root / target.lstrip("/")
    if folder:
        _folder(place)
    else:
        place.touch(mode=0o644)


def _folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)


def _entry(engine: Engine, given: Given) -> Iterator[str]:
    command = given.command
    as_limit = None if engine.joins and given.limits.limits_memory else command.memory
    yield from (_SHELL if given.user.dropped else "/bin/sh", "-c", _ENTRY, "avr-sandbox", _inside("env"), "-i")
    yield from (f"{name}={value}" for name, value in view.environment(command).items())
    yield _inside("prlimit")
    yield from view.limits(command, as_limit)
    yield from command.argv


def _inside(name: str) -> str:
    """The path of a program of the system, which is the same inside."""
    return shutil.which(name, path="/usr/bin:/bin") or f"/usr/bin/{name}"
