"""`avr doctor`: what is there, what is missing, and what that costs."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from avr.config import Settings, load
from avr.errors import AvrError, ExitCode

if TYPE_CHECKING:
    from avr.tools.sandbox.backend import Backend


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that avr can use; `cost` says what does not work without it, `hint` what to do."""

    name: str
    ok: bool
    detail: str
    required: bool = True
    cost: str = ""
    hint: str = ""


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def doctor(form: str) -> int:
    """Say what is there, what is missing, and what that costs.

    \b
    Examples:
      avr doctor
      avr doctor --format json | jq '.checks[] | select(.ok | not)'
    """
    checks = examine(load())
    if form == "json":
        click.echo(json.dumps({"schema": "avr.doctor/1", "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        for check in checks:
            click.echo(_line(check))
    return ExitCode.OK if all(check.ok or not check.required for check in checks) else ExitCode.ENVIRONMENT


def _line(check: Check) -> str:
    mark = "ok     " if check.ok else "MISSING" if check.required else "absent "
    rest = "" if check.ok else "".join(f"\n          {text}" for text in (check.cost, check.hint) if text)
    return f"{mark} {check.name}: {check.detail}{rest}"


def examine(settings: Settings) -> tuple[Check, ...]:
    """All checks, in the order in which the stages need things."""
    return (
        _folder("data folder", settings.home),
        _folder("cache folder", settings.cache),
        _guarded("advisories", lambda: _advisories(settings), "nothing can be found"),
        _guarded("package index", lambda: _index(settings), "nothing can be fetched that is not in the cache"),
        _git(settings),
        *_backends(),
        _guarded("sandbox", lambda: _sandbox(settings), "nothing can be built or tested: every result stays below A2"),
        _guarded("interpreters", lambda: _interpreters(settings), "pins of an older Python cannot be tested"),
        _mutants(),
        _guarded("signing key", lambda: _key(settings), "releases cannot be signed"),
    )


def _guarded(name: str, probe: Callable[[], str], cost: str) -> Check:
    try:
        return Check(name=name, ok=True, detail=probe())
    except AvrError as error:
        return Check(name=name, ok=False, detail=error.message, cost=cost, hint=error.hint)


def _folder(name: str, path: object) -> Check:
    from pathlib import Path

    folder = Path(str(path))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Check(
            name=name, ok=False, detail=str(error), cost="nothing can be kept", hint="set AVR_HOME or AVR_CACHE"
        )
    free = shutil.disk_usage(folder).free >> 30
    return Check(name=name, ok=True, detail=f"{folder} ({free} GiB free)")


def _advisories(settings: Settings) -> str:
    from avr.store.advisories import AdvisoryStore

    status = AdvisoryStore(settings.home / "advisories.db").status()
    return str(status)


def _index(settings: Settings) -> str:
    from avr.ecosystems.pypi import index_config
    from avr.ecosystems.pypi.registry import PyPIRegistry

    count = len(PyPIRegistry(settings.cache, index_config.load()).releases("packaging"))
    return f"reachable ({count} releases of 'packaging' listed)"


def _git(settings: Settings) -> Check:
    path = shutil.which("git")
    if path is None:
        return Check(
            name="git",
            ok=False,
            required=False,
            detail="no git command",
            cost="fixes come from the registry alone; fewer of them reach A3",
            hint="apt-get install --no-install-recommends git",
        )
    version = subprocess.run(
        [path, "--version"], capture_output=True, text=True, check=False, timeout=10
    ).stdout.strip()
    mirror = (
        f"mirror {settings.git_mirror}"
        if settings.git_mirror
        else "no mirror (AVR_GIT_MIRROR): upstream hosts are asked"
    )
    return Check(name="git", ok=True, detail=f"{version}; {mirror if settings.git else 'switched off by AVR_GIT'}")


def _mutants() -> Check:
    from avr.stages.validate.necessity.act import can_mutate

    if can_mutate():
        return Check(name="mutants", ok=True, detail="mutmut's operators are there")
    return Check(
        name="mutants",
        ok=False,
        required=False,
        detail="mutmut is not installed",
        cost="hunks are removed one by one, but no mutant shows how sharp the security tests are",
        hint="pip install 'avr-factory[mutants]'",
    )


def _backends() -> tuple[Check, ...]:
    """What can make sandboxes here; one of them is enough."""
    from avr.tools import sandbox

    return tuple(_backend(f"sandbox by {each.name}", each) for each in sandbox.BACKENDS)


def _backend(name: str, backend: "Backend") -> Check:
    problem = backend.problem()
    if problem is None:
        facts = backend.facts()
        return Check(name=name, ok=True, required=False, detail=f"{facts['sandbox']} works, with {facts['rights']}")
    return Check(name=name, ok=False, required=False, detail=problem, cost="none where another one works")


def _sandbox(settings: Settings) -> str:
    from avr.tools import sandbox

    facts = sandbox.facts()
    limits = f"limits by {facts['limits']}; system calls: {facts['system calls']}"
    return f"{facts['sandbox']} is taken (AVR_SANDBOX={settings.sandbox}), without network; {limits}"


def _interpreters(settings: Settings) -> str:
    from avr.ecosystems.pypi.interpreters import discover

    del settings
    found = discover()
    if not found:
        raise AvrError("interpreters.none", "no CPython was found", hint="install python3")
    return ", ".join(".".join(map(str, each.version)) for each in found)


def _key(settings: Settings) -> str:
    folder = settings.home / "keys"
    return f"in {folder}" if folder.exists() else f"will be made in {folder} on first use"
