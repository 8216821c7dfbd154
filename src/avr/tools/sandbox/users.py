"""Who runs inside a sandbox."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

_UNCLAIMED_IDS = range(1_900_000_000, 2_100_000_000)
"""Above the ranges that systemd and container tools hand out, https://systemd.io/UIDS-GIDS/."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who runs inside; `dropped` tells that root has to give up its rights on the way in."""

    uid: int
    gid: int
    dropped: bool


def choose() -> User:
    """A user for one run: the caller where that is not root, else an id that no other process has."""
    if os.geteuid() != 0:
        return User(uid=os.geteuid(), gid=os.getegid(), dropped=False)
    mapped = sum(int(line.split()[2]) for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines())
    if mapped > _UNCLAIMED_IDS.stop:
        chosen = _UNCLAIMED_IDS.start + secrets.randbelow(len(_UNCLAIMED_IDS))
        return User(uid=chosen, gid=chosen, dropped=True)
    nobody = 65534 if mapped > 65534 else max(1, mapped - 1)
    return User(uid=nobody, gid=nobody, dropped=True)


def give(folder: Path, user: User) -> None:
    """Hand a folder made for this run to the sandbox's user; links are not followed."""
    os.chown(folder, user.uid, user.gid, follow_symlinks=False)
    for _, folders, files, handle in os.fwalk(folder, follow_symlinks=False):
        for name in (*folders, *files):
            os.chown(name, user.uid, user.gid, dir_fd=handle, follow_symlinks=False)


def is_unclaimed(user: User) -> bool:
    """Whether nobody else on this machine can have this id."""
    return user.uid in _UNCLAIMED_IDS


def dropping(user: User) -> tuple[str, ...]:
    """Arguments of setpriv that make root this user, without any way back."""
    return ("--reuid", str(user.uid), "--regid", str(user.gid), "--clear-groups", "--inh-caps=-all",
            "--ambient-caps=-all", "--bounding-set=-all", "--no-new-privs", "--")  # fmt: skip
