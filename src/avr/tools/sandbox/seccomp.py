"""A small system call filter: what a test suite never needs and kernel exploits and sandbox escapes do.

It denies user namespaces (which would give capabilities back over a wide kernel surface), mounts, the kernel's key
store, BPF, io_uring, performance counters and socket families other than unix, IP and netlink. There is one list, and
two forms of it: classic BPF, https://docs.kernel.org/userspace-api/seccomp_filter.html, written here because no binding
to libseccomp installs everywhere, and a profile of the OCI, https://github.com/opencontainers/runtime-spec.
"""

import errno
import platform
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_NEW_NAMESPACES = 0x7E020000
"""CLONE_NEW* of clone(2); CLONE_NEWTIME is for unshare(2) and clone3(2) only."""
_X32 = 0x40000000
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
_CLONE3 = 435
_NEWEST = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
}
"""Numbers that are the same everywhere."""
_REFUSED = ("mount", "umount2", "pivot_root", "init_module", "delete_module", "finit_module", "kexec_load",
            "kexec_file_load", "add_key", "request_key", "keyctl", "unshare", "setns", "perf_event_open",
            "open_by_handle_at", "bpf", "userfaultfd")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    """Audit architecture and system call numbers of one processor family, little-endian; `refused` as `_REFUSED`."""

    architecture: int
    name: str
    clone: int
    socket: int
    refused: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(
        architecture=0xC000003E,
        name="SCMP_ARCH_X86_64",
        clone=56,
        socket=41,
        refused=(165, 166, 155, 175, 176, 313, 246, 320, 248, 249, 250, 272, 308, 298, 304, 321, 323),
    ),
    "aarch64": _Machine(
        architecture=0xC00000B7,
        name="SCMP_ARCH_AARCH64",
        clone=220,
        socket=198,
        refused=(40, 39, 41, 105, 106, 273, 104, 294, 217, 218, 219, 97, 268, 241, 265, 280, 282),
    ),
}


def program(machine: str = "") -> bytes | None:
    """The filter for this processor as `bwrap --seccomp` reads it; None where the numbers are not known."""
    known = _MACHINES.get(machine or platform.machine())
    return None if known is None else b"".join(struct.pack("<HBBI", *each) for each in _instructions(known))


def profile(machine: str = "") -> dict[str, object] | None:
    """The same filter as the `linux.seccomp` object that container engines read; None where there is no program.

    libseccomp knows no negation and one comparison of each argument, so that what is not among the known socket
    families is told piece by piece: each number below the greatest of them, and all above.
    """
    known = _MACHINES.get(machine or platform.machine())
    if known is None:
        return None
    between = (family for family in range(max(_FAMILIES)) if family not in _FAMILIES)
    bits = (1 << place for place in range(32) if _NEW_NAMESPACES & (1 << place))
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": [known.name],
        "syscalls": [
            _denied([*_REFUSED, *_NEWEST], errno.EPERM),
            _denied(["clone3"], errno.ENOSYS),
            *(_denied(["clone"], errno.EPERM, value=bit, valueTwo=bit, op="SCMP_CMP_MASKED_EQ") for bit in bits),
            *(_denied(["socket"], errno.EAFNOSUPPORT, value=family, op="SCMP_CMP_EQ") for family in between),
            _denied(["socket"], errno.EAFNOSUPPORT, value=max(_FAMILIES), op="SCMP_CMP_GT"),
        ],
    }


def _denied(names: list[str], error: int, **first_argument: object) -> dict[str, object]:
    conditions = {"args": [{"index": 0, **first_argument}]} if first_argument else {}
    return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": error, **conditions}


def _instructions(machine: _Machine) -> Iterator[tuple[int, int, int, int]]:
    """Instructions as (code, steps to jump if true, if false, operand)."""
    yield (_LOAD, 0, 0, _ARCHITECTURE)
    yield (_EQUAL, 1, 0, machine.architecture)
    yield _refuse(errno.EPERM)
    yield (_LOAD, 0, 0, _NUMBER)
    yield (_AT_LEAST, 0, 1, _X32)
    yield _refuse(errno.ENOSYS)
    yield (_EQUAL, 0, 1, _CLONE3)  # its flags lie behind a pointer; without it the C library falls back to clone
    yield _refuse(errno.ENOSYS)
    for number in (*machine.refused, *_NEWEST.values()):
        yield (_EQUAL, 0, 1, number)
        yield _refuse(errno.EPERM)
    yield from _clone(machine.clone)
    yield from _socket(machine.socket, _FAMILIES)
    yield (_RETURN, 0, 0, _ALLOW)


def _clone(number: int) -> Iterable[tuple[int, int, int, int]]:
    return (
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        _refuse(errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    )


def _socket(number: int, families: tuple[int, ...]) -> Iterator[tuple[int, int, int, int]]:
    yield (_EQUAL, 0, len(families) + 2, number)
    yield (_LOAD, 0, 0, _FIRST_ARGUMENT)
    for left, family in zip(range(len(families), 0, -1), families, strict=True):
        yield (_EQUAL, left, 0, family)
    yield _refuse(errno.EAFNOSUPPORT)


def _refuse(error: int) -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _REFUSE | error)
