"""Which backend makes the sandboxes of this process."""

import functools
import os
from dataclasses import dataclass

from avr import config
from avr.errors import AvrError, UsageError
from avr.tools.sandbox import install
from avr.tools.sandbox.backend import Backend
from avr.tools.sandbox.bubblewrap import Bubblewrap
from avr.tools.sandbox.container import Container
from avr.tools.sandbox.unsafe import NAME as UNSAFE
from avr.tools.sandbox.unsafe import NoIsolation

BACKENDS: tuple[Backend, ...] = (Bubblewrap(), Container())
"""All that isolate, the one to be preferred first."""


@dataclass(slots=True)
class _Permission:
    unsafe: bool = False


_PERMISSION = _Permission()
"""Of the whole process, as the word is given once at the command line; there is no variable that gives it."""


def unsafe_allow_no_isolation() -> None:
    """From here on foreign code may run without isolation where no backend works: for `--unsafe-no-sandbox` alone."""
    _PERMISSION.unsafe = True


def chosen() -> Backend:
    """The backend that `AVR_SANDBOX` names, or the first that works.

    Raises `AvrError` `sandbox.unavailable` where there is none, and `UsageError` `config.sandbox`.
    """
    wanted = config.sandbox_choice()
    found = _look(wanted, os.environ.get("PATH", ""))
    if not isinstance(found, str):
        return found
    if _PERMISSION.unsafe:
        why = NoIsolation().problem()
        if why is None:
            return NoIsolation()
        found = f"{found}; {why}"
    raise AvrError("sandbox.unavailable", f"no sandbox is available: {found}", hint=_hint(wanted))


def taken() -> str:
    """The name of the backend that runs commands here; empty where none can. Raises `UsageError` `config.sandbox`."""
    try:
        return chosen().name
    except UsageError:
        raise
    except AvrError:
        return ""


def is_unsafe() -> bool:
    """Whether commands run without isolation here, because nothing else is possible and the user allowed it."""
    return taken() == UNSAFE


@functools.lru_cache(maxsize=8)
def _look(wanted: str, path: str) -> Backend | str:
    """The first that works, or why none does; asked once for each choice and PATH, since a failing engine is slow."""
    del path
    troubles = []
    for backend in BACKENDS:
        if wanted in {backend.name, config.ANY_SANDBOX}:
            why = backend.problem()
            if why is None:
                return backend
            troubles.append(why)
    return "; ".join(troubles)


def _hint(wanted: str) -> str:
    package = "podman runc" if wanted == "container" else "bubblewrap"
    other = "" if wanted == config.ANY_SANDBOX else " or unset AVR_SANDBOX,"
    return (
        f"{install.command(package)},{other} or allow user namespaces; see avr doctor. Nothing runs without isolation"
    )
