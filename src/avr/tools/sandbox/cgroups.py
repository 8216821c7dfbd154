"""Memory and process limits by control groups, of version 1 or 2, where this process may make some.

https://docs.kernel.org/admin-guide/cgroup-v1/ and https://docs.kernel.org/admin-guide/cgroup-v2.html.
"""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_V1_FILES = {"memory": "memory.limit_in_bytes", "pids": "pids.max"}
_V2_FILES = {"memory": "memory.max", "pids": "pids.max"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The folders of one sandboxed command, by controller; empty where no group can be made."""

    folders: dict[str, Path]
    version: int

    @property
    def procs_files(self) -> tuple[str, ...]:
        """Files that a process writes its id into to join."""
        return tuple(dict.fromkeys(str(folder / "cgroup.procs") for folder in self.folders.values()))

    @property
    def limits_memory(self) -> bool:
        """Whether memory is limited for all processes together."""
        return "memory" in self.folders

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel killed a process of this group for want of memory."""
        if not self.limits_memory:
            return False
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        lines = _read(self.folders["memory"] / name).splitlines()
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)

    def kill(self) -> None:
        """End every process of the group."""
        for folder in set(self.folders.values()):
            for pid in _read(folder / "cgroup.procs").split():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(int(pid), signal.SIGKILL)


@contextlib.contextmanager
def group(*, memory: int, processes: int) -> Iterator[Group]:
    """A group with these limits for the time of one command; one without folders where none can be made."""
    limits = {"memory": memory, "pids": processes}
    made = _version_1(limits) or _version_2(limits) or Group(folders={}, version=0)
    try:
        yield made
    finally:
        _remove(made)


def _version_1(limits: dict[str, int]) -> Group | None:
    folders: dict[str, Path] = {}
    for controller, own in _own_groups().items():
        if controller not in limits:
            continue
        mount = _ROOT / controller
        for parent in (mount / own.lstrip("/"), mount):
            made = _make(parent, {_V1_FILES[controller]: limits[controller]})
            if made is not None:
                folders[controller] = made
                if controller == "memory":  # swap would let a hog live on; the file is absent without swap accounting
                    _write(made / "memory.memsw.limit_in_bytes", limits["memory"])
                break
    return Group(folders=folders, version=1) if folders else None


def _version_2(limits: dict[str, int]) -> Group | None:
    own = _own_groups().get("")
    if own is None:
        return None
    here = _ROOT / own.lstrip("/")
    for parent in (here, here.parent):
        if parent != _ROOT and _ROOT not in parent.parents:
            continue
        made = _make(parent, {_V2_FILES[name]: limit for name, limit in limits.items()})
        if made is not None:
            _write(made / "memory.swap.max", 0)
            return Group(folders={"memory": made, "pids": made}, version=2)
    return None


def _own_groups() -> dict[str, str]:
    """This process's groups by controller; version 2 is the controller of no name."""
    found = {}
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        found.update(dict.fromkeys(controllers.split(","), path))
    return found


def _make(parent: Path, values: dict[str, int]) -> Path | None:
    folder = parent / f"avr-{secrets.token_hex(8)}"
    try:
        folder.mkdir()
    except OSError:
        return None
    if all((folder / name).exists() and _write(folder / name, value) for name, value in values.items()):
        return folder
    with contextlib.suppress(OSError):
        folder.rmdir()
    return None


def _remove(made: Group) -> None:
    """Remove the folders; the kernel needs a moment to let go of the killed."""
    for folder in set(made.folders.values()):
        for _ in range(100):
            try:
                folder.rmdir()
            except FileNotFoundError:
                break
            except OSError:
                made.kill()
                time.sleep(0.02)
            else:
                break


def _read(path: Path) -> str:
    """The file's text; empty where it cannot be read, as on systems without control groups."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _write(path: Path, value: int) -> bool:
    try:
        path.write_text(str(value), encoding="utf-8")
    except OSError:
        return False
    return True
